/** The builders of the expression language: everything that a resource is written with. */
export * from './build-structure.ts';
export * from './build-text.ts';
export * from './build-value.ts';
