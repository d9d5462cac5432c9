import { jest } from '@jest/globals';
import { createPgliteDatabase } from '../support/stores.ts';
import { storeContract } from './store-contract.ts';

// A whole database is started here.
jest.setTimeout(60_000);

storeContract('store on PGlite', createPgliteDatabase);
