import { describe, expect, test } from '@jest/globals';
import { createDeviceKinds, type DeviceKind, nameOfKind } from '../../chaos/device-kind.ts';

const seeds = Array.from({ length: 50 }, (_, seed) => seed);

const kindsOf = (seed: number, count: number): DeviceKind[] =>
  Array.from({ length: count }, (_, device) => createDeviceKinds(seed)(device));

describe('the kinds of the devices', () => {
  test('are all there in a run of four learners, and half of the devices have edagent-client', () => {
    for (const seed of seeds) {
      const kinds = kindsOf(seed, 8);
      expect(new Set(kinds.map(nameOfKind)).size).toBe(7);
      expect(kinds.filter(({ resumption }) => resumption === 'helper')).toHaveLength(4);
    }
  });

  test('hold every library without edagent-client in a run of two learners', () => {
    for (const seed of seeds) {
      const names = new Set(kindsOf(seed, 4).map(nameOfKind));
      expect(names).toEqual(new Set(['Apollo Client', 'edagent-client', 'graphql-ws', 'urql']));
    }
  });

  test('depend on the seed alone, and are in another order with another', () => {
    expect(kindsOf(7, 40)).toEqual(kindsOf(7, 40));
    expect(new Set(seeds.map((seed) => kindsOf(seed, 8).map(nameOfKind).join())).size).toBeGreaterThan(10);
  });
});
