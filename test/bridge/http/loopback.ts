import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Server as NetServer, Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import {
  createHttpCapability,
  type HttpCapability,
  type HttpCapabilityOptions,
} from '../../../src/bridge/http/http-capability.js';
import type { HttpEvent, HttpViolation } from '../../../src/bridge/http/http-event.js';
import { type HttpRule, NO_PERMISSIONS } from '../../../src/manifest/permissions.js';
import { type EgressRules, grantPermissions } from '../../../src/policy/grants.js';

/** A server on loopback that is gone, with all its sockets, when the test ends. */
export async function serve(
  listener: RequestListener,
): Promise<{ port: number; url: string; server: Server }> {
  const server = createServer({ keepAliveTimeout: 60_000 }, listener);
  const port = await listen(server);
  onTestFinished(() => server.closeAllConnections());
  return { port, url: `http://127.0.0.1:${port}`, server };
}

export async function listen(server: NetServer, host = '127.0.0.1'): Promise<number> {
  server.listen(0, host);
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/** Rules of a plugin that asks for everything and is granted `hosts`. */
export function granted(...hosts: (string | HttpRule)[]): EgressRules {
  const http = hosts.map((host) => (typeof host === 'string' ? { host } : host));
  return grantPermissions({
    plugin: 'acme',
    asked: { ...NO_PERMISSIONS, http: [{ host: '*' }] },
    granted: { ...NO_PERMISSIONS, http },
  }).http;
}

/** A capability that may reach 127.0.0.1, with what it reported. Closed when the test ends. */
export function capability(
  options: Partial<Omit<HttpCapabilityOptions, 'limits'>> & {
    limits?: Partial<HttpCapabilityOptions['limits']>;
  } = {},
): { http: HttpCapability; violations: HttpViolation[]; events: HttpEvent[] } {
  const violations: HttpViolation[] = [];
  const events: HttpEvent[] = [];
  const http = createHttpCapability({
    rules: granted('127.0.0.1'),
    onViolation: (violation) => violations.push(violation),
    onRequest: (event) => events.push(event),
    ...options,
    limits: { httpResponseBytes: 1024 * 1024, httpTimeoutMs: 10_000, connections: 8, ...options.limits },
  });
  onTestFinished(() => http.close());
  return { http, violations, events };
}

export function text(body: Uint8Array): string {
  return new TextDecoder().decode(body);
}

/** Resolves when the other end is gone, with or without a reset. */
export function gone(socket: Socket): Promise<void> {
  socket.on('error', () => {});
  return new Promise((resolve) => {
    socket.once('close', () => resolve());
  });
}
