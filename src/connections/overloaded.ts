import { EdAgentError } from '../domain/errors.ts';

/** Another node may have room: a socket refused with it is closed so that its client comes back. */
export class OverloadedError extends EdAgentError {
  constructor() {
    super('UNAVAILABLE', 'This node has as many connections as it may: try again in a moment.');
    this.name = 'OverloadedError';
  }
}
