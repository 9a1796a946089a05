import htm from 'htm';
import { h, type VNode } from 'preact';

/**
 * Markup as a tagged template. Every value goes into the page as text or as a property, never as
 * markup: preact has no other way but `dangerouslySetInnerHTML`, which this page does not use.
 */
export const html: (strings: TemplateStringsArray, ...values: unknown[]) => VNode = htm.bind(h) as (
  strings: TemplateStringsArray,
  ...values: unknown[]
) => VNode;
