import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { drip, pour, startRawPeer } from './rawPeer.ts';

// A process of its own, so that its memory is not counted as that of the process under test. Started with the name of a behaviour;
// tells its port over IPC, and ends with the channel.

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n';
const BEHAVIOURS = {
  'endless body': (socket: Socket) => pour(socket, `${HEAD}\r\n`, Buffer.alloc(65_536, 'z')),
  'a header of 10 MB': (socket: Socket) => void socket.write(`${HEAD}x-big: ${'y'.repeat(10 * 1024 * 1024)}\r\n\r\n`),
  'a status line without end': (socket: Socket) => pour(socket, 'HTTP/1.1 200 ', Buffer.alloc(65_536, 'O')),
  '1xx answers without end': (socket: Socket) =>
    pour(socket, '', Buffer.from('HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n'.repeat(1_000))),
  'a chunk extension without end': (socket: Socket) =>
    pour(socket, `${HEAD}transfer-encoding: chunked\r\n\r\n3;a=`, Buffer.alloc(65_536, 'e')),
  'a gzip bomb of 1 GB': (socket: Socket) =>
    void socket.end(Buffer.concat([Buffer.from(`${HEAD}content-encoding: gzip\r\ncontent-length: ${bomb().length}\r\n\r\n`), bomb()])),
  'a byte every 100 ms': (socket: Socket) => drip(socket, `${HEAD}\r\n`, 'x'),
};
export type HostileBehaviour = keyof typeof BEHAVIOURS;
export const HOSTILE_BEHAVIOURS = Object.keys(BEHAVIOURS) as HostileBehaviour[];

let made: Buffer | undefined;
/** 1 MB that inflate to 1 GB: gzip members may follow one another. */
function bomb(): Buffer {
  if (made === undefined) {
    const member = gzipSync(Buffer.alloc(64 * 1024 * 1024));
    made = Buffer.concat(Array.from({ length: 16 }, () => member));
  }
  return made;
}

if (process.send !== undefined && process.argv[1] === import.meta.filename) {
  process.on('disconnect', () => process.exit(0));
  bomb();
  const peer = await startRawPeer(BEHAVIOURS[process.argv[2] as HostileBehaviour]);
  process.send(peer.port);
}
