import type { ChildProcess } from 'node:child_process';

/** Calls to another process over IPC, each with one answer. */
export interface Caller {
  call(name: string, argument?: unknown): Promise<unknown>;
}

export interface CallRequest {
  readonly id: number;
  readonly name: string;
  readonly argument?: unknown;
}

export type CallReply =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: string };

/** @param title names the process in failures. */
export const createCaller = (child: ChildProcess, title: string): Caller => {
  const open = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  let calls = 0;
  let ending: Error | null = null;

  child.on('message', (message) => {
    const reply = message as CallReply;
    const call = open.get(reply.id);
    if (!call) return;
    open.delete(reply.id);
    if ('error' in reply) call.reject(new Error(`${title}: ${reply.error}`));
    else call.resolve(reply.value);
  });
  child.once('exit', (code, signal) => {
    ending = new Error(`${title} ended with ${signal ?? code}.`);
    for (const { reject } of open.values()) reject(ending);
    open.clear();
  });

  return {
    call: (name, argument) =>
      new Promise((resolve, reject) => {
        if (ending) {
          reject(ending);
          return;
        }
        const id = ++calls;
        open.set(id, { resolve, reject });
        child.send({ id, name, argument } satisfies CallRequest, (error) => {
          if (error && open.delete(id)) reject(error);
        });
      }),
  };
};
