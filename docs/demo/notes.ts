// A small notes application with plugins that it does not trust. `npm run demo` runs it.
//
// It renders Markdown files with one plugin (which calls another for its code blocks), fetches link previews with a
// third, and lives through two that misbehave. Read from top to bottom: it is all there is to using Cordon.

import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { type CordonError, createHost, definePlugin } from 'cordon';
import { pino } from 'pino';
import { z } from 'zod';
import { print, printEvents, printStats } from './print.js';

const guests = fileURLToPath(new URL('../../guest-examples', import.meta.url));
const docs = new URL('../../docs/', import.meta.url);

// What the application expects of a plugin: typed and checked on both sides of every call.
const linkPreview = definePlugin({
  name: '@acme/link-preview',
  version: '^1.0.0',
  exports: {
    preview: {
      input: z.url(),
      output: z.object({ title: z.string().nullable(), description: z.string().nullable() }),
    },
  },
});

const web = await startLittleWeb();
const host = await createHost({
  catalog: [guests],
  // The plugin asks for every host on the web. It gets this one.
  grants: { '@acme/link-preview': { http: [`localhost:${web.port}`] } },
  limits: { memoryBytes: '48MiB', timeoutMs: 5_000 },
  quarantine: { maxViolations: 3, windowMs: 60_000 },
  logger: pino({ level: 'silent' }),
});
printEvents(host);

try {
  print.title('Load: one range, its dependencies first');
  const markdown = await host.load('@acme/markdown@^1.2');
  const vowels = await host.load('@acme/count-vowels');
  print.result('exports', markdown.exports.join(', '));

  print.title('Render every guide and reference page');
  for (const file of await markdownFiles()) {
    const text = await readFile(new URL(file, docs), 'utf8');
    const html = (await markdown.call('render', text)).text();
    const outline = (await markdown.call('outline', text)).json<{ text: string }[]>();
    const { total } = (await vowels.call('count_vowels', text)).json<{ total: number }>();
    print.result(
      file,
      `${html.length} characters of HTML, ${outline.length} headings, ${total} vowels so far`,
    );
  }

  print.title('Fetch a link preview from the one host that is granted');
  const previews = await host.load(linkPreview);
  const { title, description } = await previews.call('preview', `http://localhost:${web.port}/article`);
  print.result('preview', `${title}: ${description}`);

  print.title('A redirect to a host that is not granted');
  await mustFail(previews.call('preview', `http://localhost:${web.port}/moved`));
  print.result('requests that reached the other host', String(web.elsewhere()));

  print.title('A plugin that never comes back');
  await host.load('@acme/runaway');
  await mustFail(host.call('@acme/runaway', 'spin'));
  print.result('and after that', (await host.call('@acme/runaway', 'ping')).text());

  print.title('A plugin that takes all memory');
  await host.load('@acme/memory-hog');
  await mustFail(host.call('@acme/memory-hog', 'grow'));
  await mustFail(host.call('@acme/memory-hog', 'alloc'));
  print.result('and after that', (await host.call('@acme/memory-hog', 'ping')).text());

  print.title('The third violation is one too many: quarantine');
  await mustFail(host.call('@acme/runaway', 'spin'));
  await mustFail(host.call('@acme/runaway', 'recurse'));
  await mustFail(host.call('@acme/runaway', 'ping'));
  host.release('@acme/runaway');
  print.result('released by hand', (await host.call('@acme/runaway', 'ping')).text());

  print.title('All the while the others were well');
  print.result('markdown', (await markdown.call('render', 'still **here**')).text().trim());
  printStats(host);
} finally {
  await host.close();
  await web.close();
}

/** The application shows what went wrong and goes on. */
async function mustFail(call: Promise<unknown>): Promise<void> {
  const error = await call.then(
    () => undefined,
    (reason: CordonError) => reason,
  );
  if (!error) throw new Error('This call was to fail.');
  print.refused(error.code, error.message);
}

async function markdownFiles(): Promise<string[]> {
  const files = await readdir(docs, { recursive: true });
  return files.filter((file) => file.endsWith('.md')).sort();
}

/** A web of two hosts on loopback: one with an article and a redirect, and one that must never be asked. */
async function startLittleWeb(): Promise<{
  port: number;
  elsewhere: () => number;
  close: () => Promise<void>;
}> {
  let asked = 0;
  const other = createServer((_request, response) => {
    asked++;
    response.end('a secret');
  });
  const article = `<title>On plugins</title><meta property="og:description" content="Why one should not have to trust them">`;
  const site = createServer((request, response) => {
    if (request.url === '/moved') {
      response
        .writeHead(302, { location: `http://127.0.0.1:${(other.address() as AddressInfo).port}/` })
        .end();
    } else {
      response.writeHead(200, { 'content-type': 'text/html' }).end(article);
    }
  });
  for (const server of [site, other])
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (site.address() as AddressInfo).port,
    elsewhere: () => asked,
    close: async () => {
      for (const server of [site, other]) await new Promise((resolve) => server.close(resolve));
    },
  };
}
