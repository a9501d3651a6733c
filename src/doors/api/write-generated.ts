import { checkedInDocument } from './document.ts';
import { writeGenerated } from './generate-client.ts';

// `node src/doors/api/write-generated.ts`: after a change of the route table.
writeGenerated(checkedInDocument());
