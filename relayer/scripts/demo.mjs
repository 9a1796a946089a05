// Runs the built relayer against the demo backend, with its files under dist/demo.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const dist = join(dirname(fileURLToPath(import.meta.url)), '../dist');
const root = join(dist, 'demo');
mkdirSync(join(root, 'var/run/consonant/cluster'), { recursive: true });
writeFileSync(join(root, 'var/run/consonant/cluster/clusterId'), 'demo\n');
writeFileSync(join(root, 'var/run/consonant/cluster/clusterToken'), 'demo-token\n');
process.env.CLUSTER_NAME ??= 'demo';
process.env.BACKEND_URL ??= 'http://localhost:3000';
process.argv.splice(1, process.argv.length, join(dist, 'main.js'), 'run', '--root', root);
await import(join(dist, 'main.js'));
