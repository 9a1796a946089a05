// Imports the package and prints, as JSON, how long that took and what its own modules did
// beside defining things.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

Error.stackTraceLimit = Infinity;
const touched = [];

function note(what) {
  if (new Error().stack.includes('/relayer-chart/dist/')) touched.push(what);
}

function watch(module, prefix) {
  for (const [name, original] of Object.entries(module)) {
    if (typeof original !== 'function' || /^[A-Z]/.test(name)) continue;
    module[name] = Object.assign((...args) => (note(`${prefix}.${name}`), original(...args)), original);
  }
}

watch(fs, 'fs');
watch(fs.promises, 'fs.promises');
syncBuiltinESMExports();
process.env = new Proxy(process.env, { get: (env, name) => (note(`env.${String(name)}`), env[name]) });

await import('cdk8s');
await import('cdk8s-plus-28');
await import('zod');
const globals = new Set(Reflect.ownKeys(globalThis));
const events = process.eventNames().length;
const dependencies = process.cpuUsage();
await import('@consonant/relayer-chart');
const own = process.cpuUsage(dependencies);

// Processor time: unlike a clock's it does not grow with what else the machine does.
const milliseconds = ({ user, system }) => Math.round((user + system) / 1000);
console.log(
  JSON.stringify({
    dependenciesMs: milliseconds(dependencies),
    ownMs: milliseconds(own),
    touched,
    globals: Reflect.ownKeys(globalThis)
      .filter((key) => !globals.has(key))
      .map(String),
    listeners: process.eventNames().length - events,
  }),
);
