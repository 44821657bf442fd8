import { afterEach, describe, expect, it, vi } from 'vitest';
import { SafeEmitter } from '../../src/events/safe-emitter.js';

interface Events {
  tick: [payload: { n: number }];
  tock: [payload: { n: number }];
}

function emitter() {
  const errors: { error: unknown; event: string | symbol }[] = [];
  const events = new SafeEmitter<Events>((error, event) => errors.push({ error, event }));
  return { events, errors };
}

describe('SafeEmitter', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it('runs the other listeners when one throws, and reports its error with the name of the event', () => {
    const { events, errors } = emitter();
    const seen: number[] = [];
    const error = new Error('listener is broken');
    events.on('tick', () => seen.push(1));
    events.on('tick', () => {
      throw error;
    });
    events.on('tick', () => seen.push(3));
    expect(events.emit('tick', { n: 0 })).toBe(true);
    expect(seen).toEqual([1, 3]);
    expect(errors).toEqual([{ error, event: 'tick' }]);
  });

  it('reports the rejection of an async listener and leaves no unhandled one', async () => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    const reported = new Promise<unknown>((resolve) => {
      const events = new SafeEmitter<Events>(resolve);
      events.on('tick', async () => {
        throw new Error('later');
      });
      events.emit('tick', { n: 0 });
    });
    expect(await reported).toMatchObject({ message: 'later' });
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });

  it('reports a thenable whose then throws, or cannot even be read', async () => {
    const { events, errors } = emitter();
    const throwing = () => ({
      // biome-ignore lint/suspicious/noThenProperty: a thenable is the point
      then() {
        throw new Error('then throws');
      },
    });
    const unreadable = () => ({
      // biome-ignore lint/suspicious/noThenProperty: a thenable is the point
      get then() {
        throw new Error('then is unreadable');
      },
    });
    events.on('tick', throwing);
    events.on('tick', unreadable);
    events.emit('tick', { n: 0 });
    await new Promise((resolve) => setImmediate(resolve));
    expect(errors.map(({ error }) => (error as Error).message).sort()).toEqual([
      'then is unreadable',
      'then throws',
    ]);
  });

  it('survives a handler of listener errors that throws, and warns through the process', () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const events = new SafeEmitter<Events>(() => {
      throw new Error('handler is broken');
    });
    const after = vi.fn();
    events.on('tick', () => {
      throw new Error('listener is broken');
    });
    events.on('tick', after);
    events.emit('tick', { n: 0 });
    expect(after).toHaveBeenCalledOnce();
    expect(warn).toHaveBeenCalledOnce();
    expect(warn.mock.calls[0]?.[0]).toContain('handler is broken');
  });

  it('freezes the payload, so that no listener changes what the next one sees', () => {
    const { events, errors } = emitter();
    let seen: number | undefined;
    events.on('tick', (payload) => {
      payload.n = 99;
    });
    events.on('tick', (payload) => {
      seen = payload.n;
    });
    events.emit('tick', { n: 1 });
    expect(seen).toBe(1);
    expect(errors[0]?.error).toBeInstanceOf(TypeError);
  });

  it('returns false and leaves the payload alone when nobody listens', () => {
    const { events } = emitter();
    const payload = { n: 1 };
    expect(events.emit('tick', payload)).toBe(false);
    expect(Object.isFrozen(payload)).toBe(false);
    expect(events.listenerCount('tick')).toBe(0);
  });

  it.each(['off', 'removeListener'] as const)('removes with %s what on and addListener added', (remove) => {
    const { events } = emitter();
    const listener = vi.fn();
    events.on('tick', listener);
    events.addListener('tick', listener);
    events.on('tock', listener);
    expect(events.listeners('tick')).toEqual([listener, listener]);
    events[remove]('tick', listener);
    events.emit('tick', { n: 1 });
    expect(listener).not.toHaveBeenCalled();
    events.emit('tock', { n: 2 });
    expect(listener).toHaveBeenCalledExactlyOnceWith({ n: 2 });
  });

  it('calls a once listener once, also when it throws, and can take it back before', () => {
    const { events, errors } = emitter();
    const listener = vi.fn(() => {
      throw new Error('once');
    });
    events.once('tick', listener);
    events.emit('tick', { n: 1 });
    events.emit('tick', { n: 2 });
    expect(listener).toHaveBeenCalledOnce();
    expect(errors).toHaveLength(1);
    events.once('tick', listener);
    events.off('tick', listener);
    expect(events.emit('tick', { n: 3 })).toBe(false);
  });

  it('keeps the context of a listener, and is the context itself by default', () => {
    const { events } = emitter();
    const contexts: unknown[] = [];
    function listener(this: unknown) {
      contexts.push(this);
    }
    const context = {};
    events.on('tick', listener, context);
    events.on('tick', listener);
    events.emit('tick', { n: 1 });
    expect(contexts).toEqual([context, events]);
  });

  it('lets a listener remove itself and emit other events while it runs', () => {
    const { events, errors } = emitter();
    const order: string[] = [];
    const first = () => {
      order.push('tick');
      events.off('tick', first);
      events.emit('tock', { n: 1 });
    };
    events.on('tick', first);
    events.on('tick', () => order.push('second'));
    events.on('tock', () => order.push('tock'));
    events.emit('tick', { n: 1 });
    events.emit('tick', { n: 2 });
    expect(order).toEqual(['tick', 'tock', 'second', 'second']);
    expect(errors).toEqual([]);
  });

  it('refuses a listener that is not a function, as eventemitter3 does', () => {
    const { events } = emitter();
    expect(() => events.on('tick', 'no' as never)).toThrow(TypeError);
  });
});
