import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { listMissing } from '../../../scripts/lib/install.mjs';

describe('what is missing in node_modules', () => {
  let folder = '';
  const write = (path: string, content: object) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), JSON.stringify(content));
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'edagent-install-'));
    write('package-lock.json', {
      packages: {
        '': { name: 'x' },
        client: { version: '0.1.0' },
        'node_modules/client': { link: true, resolved: 'client' },
        'node_modules/a': { version: '1.0.0' },
        'node_modules/a/node_modules/b': { version: '2.0.0', dev: true },
        'node_modules/a-for-another-platform': { version: '1.0.0', optional: true },
      },
    });
    write('node_modules/.package-lock.json', {
      packages: {
        'node_modules/a': { version: '1.0.0' },
        'node_modules/a/node_modules/b': { version: '2.0.0' },
      },
    });
    write('node_modules/client/package.json', {});
    write('node_modules/a/package.json', {});
    write('node_modules/a/node_modules/b/package.json', {});
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('is nothing when every package is there in its version', () => {
    expect(listMissing({ folder })).toEqual([]);
  });

  test('is no tool where nothing is to be built', () => {
    rmSync(join(folder, 'node_modules/a/node_modules'), { recursive: true });
    expect(listMissing({ folder, withTools: false })).toEqual([]);
    expect(listMissing({ folder })).toEqual(['node_modules/a/node_modules/b']);
  });

  test('is everything without node_modules', () => {
    rmSync(join(folder, 'node_modules'), { recursive: true });
    expect(listMissing({ folder })).toEqual(['node_modules']);
  });

  test('is a package of another version', () => {
    write('package-lock.json', { packages: { 'node_modules/a': { version: '1.0.1' } } });
    expect(listMissing({ folder })).toEqual(['node_modules/a']);
  });

  test('is a package whose folder is gone, and a workspace that is not linked', () => {
    rmSync(join(folder, 'node_modules/a'), { recursive: true });
    rmSync(join(folder, 'node_modules/client'), { recursive: true });
    expect(listMissing({ folder })).toEqual([
      'node_modules/client',
      'node_modules/a',
      'node_modules/a/node_modules/b',
    ]);
  });
});
