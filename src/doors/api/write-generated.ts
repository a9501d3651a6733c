import { checkedInDocument, checkedInPortalDocument } from './document.ts';
import { writeGenerated } from './generate-client.ts';

// `node src/doors/api/write-generated.ts`: after a change of a route table.
writeGenerated(checkedInDocument(), checkedInPortalDocument());
