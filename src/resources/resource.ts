import type { OnlyWhen, Splice } from '../expression/node.ts';
import type { Templated } from '../manifest/templated.ts';

/** An object that is always there, one under a condition, or one for each element of a list. */
export type TemplatedResource<T> = Templated<T> | OnlyWhen<Templated<T>> | Splice<Templated<T>>;
