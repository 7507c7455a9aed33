import type { FuzzTarget } from '../target.ts'
import { slab } from './cache.ts'
import { chainObjects } from './chain-objects.ts'
import { keySlots, piece } from './crypto.ts'
import { foreignQuilt, foreignSite } from './foreign.ts'
import { journal } from './journal.ts'
import { local } from './local.ts'
import { redstuff } from './redstuff.ts'
import { storageNodes } from './storage-nodes.ts'
import { treeNodes } from './tree-nodes.ts'
import { treeRecords } from './tree-records.ts'

/** All decoders of what comes from outside. */
export const fuzzTargets: readonly FuzzTarget[] = [
  ...treeNodes,
  ...treeRecords,
  piece,
  keySlots,
  ...redstuff,
  ...storageNodes,
  chainObjects,
  foreignQuilt,
  foreignSite,
  ...journal,
  slab,
  ...local,
]
