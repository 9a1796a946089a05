import { splice } from '../expression/build.ts';
import { values } from '../values/references.ts';

/** The user's own objects, as they are: no template in them is run. */
export const extraObjects = splice(values.extraObjects);
