import type { Expression, OnlyWhen, Splice, Text, node } from './node.ts';

type Leaf = string | number | boolean | null;

/**
 * A manifest of type T (plain JSON, see `Plain`) whose parts may be expressions over the values. A number
 * takes no boolean expression, an unknown key is an error, and `onlyWhen` fits only where T is optional.
 */
export type Templated<T> =
  | Expression<T>
  | ([T] extends [Leaf]
      ? T | ([T] extends [string] ? Text : never)
      : T extends readonly (infer E)[]
        ? TemplatedList<E>
        : T extends object
          ? string extends keyof T
            ? TemplatedMap<T[keyof T]>
            : TemplatedObject<T>
          : T);

export type TemplatedList<E> = readonly (Templated<E> | OnlyWhen<Templated<E>> | Splice<Templated<E>> | Splice<E>)[];

export type TemplatedMap<V> = { readonly [key: string]: Templated<V> | OnlyWhen<Templated<V>> };

export type TemplatedObject<T> = {
  readonly [K in keyof T]: {} extends Pick<T, K>
    ? Templated<NonNullable<T[K]>> | OnlyWhen<Templated<NonNullable<T[K]>>>
    : Templated<T[K]>;
} & { readonly [node]?: never };
