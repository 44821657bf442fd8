import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createSocketServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { SECRET } from './corpus/attack.js';

/** 20 members of gzip, each 10 MB of zeros. */
const BOMB = Buffer.concat(Array(20).fill(gzipSync(Buffer.alloc(10_000_000))));
const LAYERS = [1, 2, 3, 4].reduce((/** @type {Buffer} */ body) => gzipSync(body), Buffer.alloc(10_000_000));
const MB = Buffer.alloc(1_000_000, 'x');

/** @type {Readonly<Record<string, (response: import('node:http').ServerResponse, url: URL) => void>>} */
const PAGES = {
  '/ok': (response) => response.end('fine'),
  '/redirect': (response, url) =>
    response.writeHead(302, { location: url.search.slice('?to='.length) }).end(),
  '/redirect-307': (response, url) =>
    response.writeHead(307, { location: url.search.slice('?to='.length) }).end(),
  '/circle': (response) => response.writeHead(302, { location: '/circle' }).end(),
  '/endless': (response) => pour(response, Number.POSITIVE_INFINITY),
  '/large': (response) => pour(response.writeHead(200, { 'content-length': 64_000_000 }), 64),
  '/gzip-bomb': (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(BOMB),
  '/gzip-layers': (response) =>
    response.writeHead(200, { 'content-encoding': 'gzip, gzip, gzip, gzip' }).end(LAYERS),
  '/gzip-broken': (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('no gzip'),
  '/silent': () => {},
  '/drip': (response) => drip(response.writeHead(200), 'x'),
};

/** @param {import('node:http').ServerResponse} response @param {number} count of MB */
function pour(response, count) {
  let left = count;
  const more = () => {
    while (left-- > 0 && !response.destroyed) if (!response.write(MB)) return;
    response.end();
  };
  response.on('drain', more);
  more();
}

/** @param {import('node:stream').Writable} stream @param {string} text */
function drip(stream, text) {
  const timer = setInterval(() => stream.write(text), 50);
  stream.on('close', () => clearInterval(timer));
}

/** What the server says that does not speak HTTP well. @type {Readonly<Record<string, (socket: import('node:net').Socket) => void>>} */
const RAW = {
  '/garbage': (socket) => socket.end('\0\x01\x02 this is no HTTP\r\n\r\n'),
  '/cut': (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nonly this'),
  '/headers': (socket) =>
    socket.end(`HTTP/1.1 200 OK\r\n${'x-padding: yes\r\n'.repeat(13_000)}content-length: 0\r\n\r\n`),
  '/two-lengths': (socket) =>
    socket.end(
      'HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncontent-length: 30\r\n\r\nabcHTTP/1.1 200 OK smuggled...',
    ),
  '/drip': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nx-slow: ');
    drip(socket, 'x');
  },
  '/continue': (socket) => drip(socket, 'HTTP/1.1 100 Continue\r\n\r\n'),
};

/** Servers on loopback and three folders, in which attacks take place. */
export async function openWorld() {
  const root = mkdtempSync(join(tmpdir(), 'cordon-hostile-'));
  /** @type {string[]} */
  let reached = [];
  /** @type {string[]} */
  let requests = [];
  const open = createServer((request, response) => {
    const raw = request.rawHeaders;
    const headers = raw.flatMap((name, i) => (i % 2 ? [] : [`${name}: ${raw[i + 1]}`]));
    requests.push([`${request.method} ${request.url}`, ...headers].join('\n'));
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const page = PAGES[url.pathname];
    if (page) page(response, url);
    else response.writeHead(404).end();
  });
  open.on('connect', (request, socket) => {
    requests.push(`CONNECT ${request.url}`);
    socket.end();
  });
  open.on('upgrade', (request, socket) => {
    requests.push(`upgrade: ${request.headers.upgrade}`);
    socket.end();
  });
  const secret = createServer((request, response) => {
    reached.push(`${request.method} ${request.headers.host}${request.url}`);
    response.end(SECRET);
  });
  const raw = createSocketServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', (data) => RAW[String(data).split(' ')[1] ?? '']?.(socket));
  });
  /** @type {Set<import('node:net').Socket>} */
  const sockets = new Set();
  const ports = [];
  for (const server of [open, secret, raw]) {
    // Connections are made on loopback and on all of its addresses.
    server.listen(0, server === raw ? '127.0.0.1' : '0.0.0.0');
    await once(server, 'listening');
    server.on('connection', (socket) => {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => sockets.delete(socket));
    });
    ports.push(/** @type {import('node:net').AddressInfo} */ (server.address()).port);
  }
  const [openPort = 0, secretPort = 0, rawPort = 0] = ports;
  const world = {
    open: openPort,
    secret: secretPort,
    raw: rawPort,
    read: join(root, 'read'),
    write: join(root, 'write'),
    outside: join(root, 'outside'),
  };
  const names = /** @type {const} */ (['read', 'write', 'outside']);
  for (const name of names) mkdirSync(world[name]);

  return {
    world,
    /** Everything as it was at the start. The folders themselves stay, since they may be mounted. */
    reset() {
      reached = [];
      requests = [];
      for (const name of names) {
        for (const entry of readdirSync(world[name])) rmSync(join(world[name], entry), { recursive: true });
      }
      writeFileSync(join(world.outside, 'secret'), SECRET);
      writeFileSync(join(world.read, 'inside'), 'inside');
      writeFileSync(join(world.write, 'mine'), 'mine');
      for (const mount of [world.read, world.write]) {
        symlinkSync('../outside/secret', join(mount, 'link'));
        symlinkSync(join(world.outside, 'secret'), join(mount, 'absolute-link'));
        symlinkSync('../outside', join(mount, 'folder-link'));
        symlinkSync('../outside/new', join(mount, 'dangling'));
        symlinkSync('/proc', join(mount, 'proc-link'));
        execFileSync('mkfifo', [join(mount, 'pipe')]);
      }
      linkSync(join(world.outside, 'secret'), join(world.write, 'hard-link'));
    },
    /** What the servers saw, and what is in the folders now. */
    seen() {
      const files = names.flatMap((name) =>
        readdirSync(world[name]).flatMap((entry) => {
          const stat = lstatSync(join(world[name], entry));
          return stat.isFile() || stat.isDirectory() ? [`${name}/${entry} ${stat.size}`] : [];
        }),
      );
      return { reached, requests, files };
    },
    /** Connections that the servers have. */
    connections: () => sockets.size,
    async close() {
      for (const socket of sockets) socket.destroy();
      await Promise.all([open, secret, raw].map((server) => new Promise((resolve) => server.close(resolve))));
      rmSync(root, { recursive: true });
    },
  };
}
