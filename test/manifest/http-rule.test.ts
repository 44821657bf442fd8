import { expect, test } from 'vitest';
import { parseHttpRule } from '../../src/manifest/http-rule.js';

test('a bare host means both schemes and every port', () => {
  expect(parseHttpRule('example.com')).toEqual({ host: 'example.com' });
  expect(parseHttpRule('::1')).toEqual({ host: '::1' });
  expect(parseHttpRule('*')).toEqual({ host: '*' });
});

test('a port narrows to that port, a scheme without a port to its default port', () => {
  expect(parseHttpRule('example.com:8443')).toEqual({ host: 'example.com', ports: [8443] });
  expect(parseHttpRule('[::1]:80')).toEqual({ host: '::1', ports: [80] });
  expect(parseHttpRule('https://example.com')).toEqual({
    host: 'example.com',
    schemes: ['https'],
    ports: [443],
  });
  expect(parseHttpRule('HTTP://*.example.com')).toEqual({
    host: '*.example.com',
    schemes: ['http'],
    ports: [80],
  });
  expect(parseHttpRule('http://[::1]:3000')).toEqual({ host: '::1', schemes: ['http'], ports: [3000] });
});

test.each([
  'https://example.com/',
  'https:example.com',
  'https//example.com',
  '//example.com',
  'ws://example.com',
  'https://https://example.com',
  'https://u:p@example.com',
  'example.com:',
  'example.com:0',
  'example.com:00080',
  'example.com:65536',
  'example.com:99999999999',
  'example.com:80:80',
  'example.com:+80',
  'example.com: 80',
  'example.com:８０',
  '::1:80:',
  'https://::1',
  'https://',
  ':80',
  '',
])('%j is no rule', (text) => {
  expect(parseHttpRule(text)).toBeUndefined();
});
