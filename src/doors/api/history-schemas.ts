import { z } from 'zod';
import { localGovernmentCode, millis } from './schemas.ts';

/** The lines about a resident as desk and portal give them: whole, coarse, or only counted. */

const place = z.int().min(0);

const historyTree = z
  .object({
    municipality: z.string(),
    size: z.int().meta({ description: 'leaves in the tree of the checkpoint' }),
    checkpoint: z.string().meta({ description: 'the witnessed checkpoint, once for all lines under it' }),
    nodes: z
      .string()
      .meta({ description: 'leaf hashes and inner nodes side by side, 32 bytes each, base64' }),
  })
  .meta({ id: 'HistoryTree', description: 'what the proofs of the lines of one journal have in common' });

const historyLine = z
  .object({
    tree: place.meta({ description: 'place in `trees`' }),
    index: z.int(),
    leaf: place.meta({ description: 'place of the leaf hash among the nodes' }),
    path: z
      .array(place)
      .readonly()
      .meta({ description: "audit path as places among the nodes, leaf's sibling first" }),
    payload: z.string().meta({
      description:
        'text the line commits to, byte for byte as UTF-8: JSON of at (ms since 1970), kind, person, body',
    }),
    salt: z.string().meta({ description: 'salt of the commitment, base64' }),
  })
  .meta({ id: 'HistoryLine', description: '`expandHistory` of the checker gives each its whole proof' });

const coarseLine = z
  .object({
    tree: place,
    index: z.int(),
    leaf: place,
    path: z.array(place).readonly(),
    at: millis,
    kind: z.string(),
    rule: z.string(),
  })
  .meta({
    id: 'CoarseLine',
    description:
      'a line that tells of another person too: that it stands is proven, what it says is kept back',
  });

const hiddenLines = z
  .object({ count: z.int(), opensAt: millis })
  .meta({ id: 'HiddenLines', description: 'lines that a law hides for now, and when they open' });

export const history = z
  .object({
    trees: z.array(historyTree).readonly(),
    lines: z.array(historyLine).readonly(),
    coarse: z.array(coarseLine),
    hidden: z.array(hiddenLines).meta({ description: 'of those between the lines of this page' }),
    older: z
      .array(z.object({ municipality: localGovernmentCode, before: z.int() }))
      .meta({ description: 'where each journal goes on; empty: there is nothing further back' }),
  })
  .meta({ id: 'History', description: 'lines about one resident, newest first' });
