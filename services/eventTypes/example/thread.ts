import { parentPort } from 'node:worker_threads';
import type { JsonSchema } from '../schema/compile.ts';
import { generateExample } from './generate.ts';

// What runs in the thread that exampleThread.ts starts: it says that it is ready, then answers each schema with an example.
parentPort?.on('message', (schema: JsonSchema) => parentPort?.postMessage(generateExample(schema)));
parentPort?.postMessage('ready');
