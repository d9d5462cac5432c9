import { test } from '@jest/globals';
import { testDatabaseUrl } from '../support/services.ts';
import { createPostgresDatabase } from '../support/stores.ts';
import { storeContract } from './store-contract.ts';

if (testDatabaseUrl() === null) test.skip('store on PostgreSQL', () => {});
else storeContract('store on PostgreSQL', createPostgresDatabase);
