import type { OnlyWhen, Splice } from '../expression/node.ts';
import type { Templated } from '../expression/templated.ts';

/** An object that is always there, one under a condition, or one for each element of a list. */
export type TemplatedResource<T> = Objects<T> | OnlyWhen<Objects<T>>;

type Objects<T> = Templated<T> | Splice<Templated<T>>;
