import { createSocket } from 'node:dgram';
import type { RemoteInfo } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';

/**
 * What is answered: addresses of both families (each query gets those of its own), behind `via`, a chain of CNAMEs, as a recursive
 * resolver sends it in one answer; texts of TXT records; an error; or nothing at all.
 */
export type DnsAnswer = { addresses: string[]; via?: string[] } | { texts: string[] } | 'NXDOMAIN' | 'SERVFAIL' | 'REFUSED' | 'silence';

type QueryType = 'A' | 'AAAA' | 'TXT';

export interface DnsQuery {
  name: string;
  type: QueryType;
  /** Of this name and type, from 1. */
  nth: number;
}

export interface DnsServer {
  /** `127.0.0.1:<port>`, as Resolver.setServers and WEBHOOK_DNS_SERVERS take it. */
  readonly address: string;
  readonly queries: DnsQuery[];
  /** How queries are answered from now on; the counts begin anew. */
  answer(by: (query: DnsQuery) => DnsAnswer): void;
  close(): Promise<void>;
}

const TYPES = { A: 1, AAAA: 28, CNAME: 5, TXT: 16 };
const CODES = { SERVFAIL: 2, NXDOMAIN: 3, REFUSED: 5 };
const HEADER_BYTES = 12;
const TTL_SECONDS = 3_600;

/** A real DNS server over UDP on loopback (RFC 1035). Its answers may be kept for an hour, so a cache anywhere would show. */
export async function startDnsServer(): Promise<DnsServer> {
  const socket = createSocket('udp4');
  let queries: DnsQuery[] = [];
  let current: (query: DnsQuery) => DnsAnswer = () => 'NXDOMAIN';
  socket.on('message', (message: Buffer, { port, address }: RemoteInfo) => {
    const { name, type, question } = parseQuestion(message);
    const nth = queries.filter((query) => query.name === name && query.type === type).length + 1;
    queries.push({ name, type, nth });
    const answer = current({ name, type, nth });
    if (answer !== 'silence') socket.send(reply(message, question, type, answer), port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    address: `127.0.0.1:${socket.address().port}`,
    get queries() {
      return queries;
    },
    answer(by) {
      queries = [];
      current = by;
    },
    close: () => new Promise((resolve) => socket.close(resolve)),
  };
}

function parseQuestion(message: Buffer): { name: string; type: QueryType; question: Buffer } {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = message.readUInt8(at); length > 0; length = message.readUInt8(at)) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length));
    at += length + 1;
  }
  const asked = message.readUInt16BE(at + 1);
  const type = asked === TYPES.TXT ? 'TXT' : asked === TYPES.AAAA ? 'AAAA' : 'A';
  return { name: labels.join('.').toLowerCase(), type, question: message.subarray(HEADER_BYTES, at + 5) };
}

function reply(query: Buffer, question: Buffer, type: QueryType, answer: Exclude<DnsAnswer, 'silence'>): Buffer {
  const records = typeof answer === 'string' ? [] : recordsOf(question, type, answer);
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt16BE(query.readUInt16BE(0), 0);
  // An answer, recursion asked for and available.
  header.writeUInt16BE(0x8180 | (typeof answer === 'string' ? CODES[answer] : 0), 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(records.length, 6);
  return Buffer.concat([header, question, ...records]);
}

function recordsOf(question: Buffer, type: QueryType, answer: Exclude<DnsAnswer, string>): Buffer[] {
  if ('texts' in answer)
    return type === 'TXT' ? answer.texts.map((text) => record(question.subarray(0, -4), TYPES.TXT, encodeText(text))) : [];
  const { addresses, via = [] } = answer;
  const owners = [question.subarray(0, -4), ...via.map(encodeName)];
  const chain = via.map((name, i) => record(owners[i]!, TYPES.CNAME, encodeName(name)));
  const own = addresses.filter((address) => isIPv6(address) === (type === 'AAAA'));
  return [...chain, ...own.map((address) => record(owners.at(-1)!, TYPES[type], Buffer.from(ipaddr.parse(address).toByteArray())))];
}

function record(owner: Buffer, type: number, data: Buffer): Buffer {
  const fixed = Buffer.alloc(10);
  fixed.writeUInt16BE(type, 0);
  fixed.writeUInt16BE(1, 2);
  fixed.writeUInt32BE(TTL_SECONDS, 4);
  fixed.writeUInt16BE(data.length, 8);
  return Buffer.concat([owner, fixed, data]);
}

/** In strings of at most 255 bytes, here of 20: who reads it has to put them together. */
const encodeText = (text: string): Buffer =>
  Buffer.concat(
    (text.match(/.{1,20}/gs) ?? ['']).map((part) => Buffer.concat([Buffer.from([Buffer.byteLength(part)]), Buffer.from(part)])),
  );

const encodeName = (name: string): Buffer =>
  Buffer.concat([...name.split('.').map((label) => Buffer.from([label.length, ...Buffer.from(label, 'latin1')])), Buffer.from([0])]);
