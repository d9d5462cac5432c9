import { writeSeed } from './seed.ts';

/** `node write-seed.js <path of the tarball>`: part of the build. */
const path = process.argv[2];
if (path === undefined) throw new Error('usage: write-seed <path of the tarball>');
await writeSeed(path);
