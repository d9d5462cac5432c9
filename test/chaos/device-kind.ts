import { createRandom } from '../support/random.ts';
import type { Library, Resumption } from './history.ts';

/** Which client a device has, and through which library its app subscribes. */
export interface DeviceKind {
  readonly library: Library;
  readonly resumption: Resumption;
}

/** Together every client that people use, so that a run of two learners has them all. */
const common: readonly DeviceKind[] = [
  { library: 'graphql-ws', resumption: 'helper' },
  { library: 'graphql-ws', resumption: 'anew' },
  { library: 'apollo', resumption: 'anew' },
  { library: 'urql', resumption: 'anew' },
];

/** With these, half of the devices have edagent-client. */
const further: readonly DeviceKind[] = [
  { library: 'graphql-ws', resumption: 'helper' },
  { library: 'apollo', resumption: 'helper' },
  { library: 'urql', resumption: 'helper' },
  { library: 'graphql-ws', resumption: 'cursors' },
];

const groups = [common, further];

/** The kind of each device, by the seed alone: every four devices hold one of the groups in an order of their own. */
export const createDeviceKinds = (seed: number): ((device: number) => DeviceKind) => {
  const size = common.length;
  return (device) => {
    const round = Math.floor(device / size);
    const random = createRandom(seed * 15_485_863 + round);
    const left = [...(groups[round % groups.length] as readonly DeviceKind[])];
    const order = Array.from({ length: size }, () => left.splice(random.int(left.length), 1)[0]);
    return order[device % size] as DeviceKind;
  };
};

/** The app gives no cursor at all, and reads its page whenever `Ready` says that something may be missing. */
export const isCursorUnaware = ({ library, resumption }: DeviceKind): boolean =>
  resumption === 'anew' && library !== 'graphql-ws';

const libraryNames: Record<Library, string> = {
  'graphql-ws': 'graphql-ws',
  apollo: 'Apollo Client',
  urql: 'urql',
};

/** As the report names it. */
export const nameOfKind = ({ library, resumption }: DeviceKind): string => {
  const name = libraryNames[library];
  if (resumption === 'helper') {
    return library === 'graphql-ws' ? 'edagent-client' : `${name} over edagent-client`;
  }
  return resumption === 'cursors' ? `${name} with cursors of the app` : name;
};
