import { argv } from 'node:process';
import { watch } from './watch.js';

/** A process that runs an input that never ends. */
const [, , file = ''] = argv;
watch(file, 'npm run fuzz -- --target name', 100).onInput(Uint8Array.of(1, 2, 3), 4_000_000_000);
for (;;);
