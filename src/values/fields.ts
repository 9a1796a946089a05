/** Values of one kind, with their default and description. Each builder adds the default first and the description last. */
import { z } from 'zod';
import { formats, formed, formedOrEmpty, guarded, guardedOrEmpty, type Format } from './formats.ts';

/** Any text. Secrets are of this kind and have no pattern: Helm 4 prints a text that misses its pattern. */
export const text = (fallback: string, description: string) => z.string().default(fallback).describe(description);

/** A text of that form. */
export const formatted = (format: Format, fallback: string, description: string) =>
  formed(format).default(fallback).describe(description);

/** A text of that form, or the empty text, which stands for "not set". */
export const optional = (format: Format, description: string, fallback = '') =>
  formedOrEmpty(format).default(fallback).describe(description);

/** The name of an object, or nothing. */
export const optionalName = (description: string) =>
  guardedOrEmpty(formats.dnsSubdomain).max(253).default('').describe(description);

/** The key under which a Secret holds something. */
export const dataKey = (fallback: string, description: string) => formatted(formats.dataKey, fallback, description);

export const optionalUrl = (description: string) =>
  guardedOrEmpty(formats.url).max(2048).default('').describe(description);

export const boolean = (fallback: boolean, description: string) => z.boolean().default(fallback).describe(description);

/** The least and the greatest value of a number, both allowed. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

export const integer = ({ min, max }: Range, fallback: number, description: string) =>
  z.int().min(min).max(max).default(fallback).describe(description);

/** A number that may have a fraction. */
export const decimal = ({ min, max }: Range, fallback: number, description: string) =>
  z.number().min(min).max(max).default(fallback).describe(description);

const portNumber = z.int().min(1).max(65535);

export const port = (fallback: number, description: string) => portNumber.default(fallback).describe(description);

export const portList = (fallback: number[], description: string) =>
  z.array(portNumber.describe('Number of a port')).default(fallback).describe(description);

/** Of a list that must not be empty. */
export const filledPortList = (fallback: number[], description: string) =>
  z.array(portNumber.describe('Number of a port')).min(1).max(100).default(fallback).describe(description);

export const cidrList = (description: string) =>
  z
    .array(guarded(formats.cidr).describe('IPv4 or IPv6 range such as 10.0.0.0/8 or fd00::/8'))
    .default([])
    .describe(description);

export const namespaceList = (fallback: string[], description: string) =>
  z.array(formed(formats.dnsLabel).describe('Name of a namespace')).default(fallback).describe(description);

const podCount = z.int().min(0).max(999999).describe('Number of pods');

/** So many pods, or such a share of them. */
export const podsOrShare = (fallback: number, description: string) =>
  z
    .union([podCount, formed(formats.percentage).describe('Share of the pods such as 25%')])
    .default(fallback)
    .describe(description);

/** As `podsOrShare`. The empty text stands for "not set", which 0 does not. */
export const optionalPodsOrShare = (description: string) =>
  z
    .union([podCount, formedOrEmpty(formats.percentage).describe('Share of the pods such as 50%, or empty')])
    .default('')
    .describe(description);
