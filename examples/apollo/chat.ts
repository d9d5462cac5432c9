import { talk } from '../terminal.ts';
import { openConversation } from './conversation.ts';

await talk(openConversation);
