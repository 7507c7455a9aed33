import type { ControlRequest } from '../control/protocol.ts'
import { parseObjectId } from '../terms/object-id.ts'
import { Trouble } from '../terms/trouble.ts'
import type { GcWish } from './drive-gc.ts'
import { keepPolicy } from './keep-policy.ts'
import type { DriveSettings } from './settings.ts'

/** How a person asks for a collection; what is undefined has a default. */
export type GcRequest = Omit<Extract<ControlRequest, { op: 'gc' }>, 'op'>

/** Whoever was away for less can still store what was changed there; a month covers a holiday. */
const defaultKeep = '30d'
/** At least one whole epoch: nobody needs longer for an upload that is still going on. */
const defaultUploadEpochs = 2
const defaultRepack = 50

/** A request with its defaults. Throws Trouble `usage`. */
export function gcWish(request: GcRequest, settings: DriveSettings): GcWish {
  const keepText = request.keep ?? settings.keep ?? defaultKeep
  const repack = request.repack ?? defaultRepack
  const uploadEpochs = request.orphanEpochs ?? defaultUploadEpochs
  try {
    if (!(repack >= 0 && repack <= 100))
      throw new RangeError('repack is to be a share from 0 to 100')
    if (!(Number.isInteger(uploadEpochs) && uploadEpochs >= 1)) {
      throw new RangeError('orphan-epochs is to be a whole number from 1 on')
    }
    return {
      keep: keepPolicy(keepText),
      keepText,
      repackBelow: repack / 100,
      uploadEpochs,
      epochs: settings.epochs,
      snapshots: (request.snapshots ?? []).map(parseObjectId),
      strays: request.strays,
    }
  } catch (error) {
    throw new Trouble('usage', (error as Error).message)
  }
}
