import { dirname, join } from 'node:path'
import { openPieceCodec } from '../crypto/open-piece-codec.ts'
import type { PieceCodec } from '../crypto/piece-codec.ts'
import { isSealedRecord } from '../crypto/record-sealing.ts'
import { FrozenManifest } from '../manifest/frozen-manifest.ts'
import { ManifestError, type Manifest, type ManifestState } from '../manifest/manifest.ts'
import type { Remembered } from '../manifest/remembered.ts'
import { SealedManifest } from '../manifest/sealed-manifest.ts'
import { SwitchedManifest } from '../manifest/switched-manifest.ts'
import { publicTextOf } from '../store/chain/sui-key.ts'
import { Seal } from '../terms/piece-coding.ts'
import { Trouble } from '../terms/trouble.ts'
import { rootPiece } from '../writeback/root-piece.ts'
import { manifestOf, type Connection, type ManifestAccess } from './connection.ts'
import type { DriveReference } from './drive-reference.ts'
import type { DriveRequest } from './open-drive.ts'
import { RememberedFile } from './remembered-file.ts'
import { SeenManifest } from './seen-manifest.ts'
import { unlockDrive, type Unlocked } from './unlock-drive.ts'

/** A drive's manifest with what reads its pieces and records. */
export interface UnlockedManifest {
  readonly manifest: Manifest
  readonly state: ManifestState
  readonly codec: PieceCodec
  /** Undefined for a drive that is not sealed, and for one that is locked. */
  readonly unlocked: Unlocked | undefined
  /** What this machine knows of it without asking. */
  readonly memory: RememberedFile
  /** It is a snapshot, which never changes. */
  readonly isFrozen: boolean
  /** It is sealed, and nothing here opens it: only whoever allowed it gets it so. */
  readonly isLocked: boolean
}

/** Opens a drive's manifest, and the drive's key where it is sealed. Throws Trouble. */
export async function unlockedManifest(
  request: DriveRequest,
  connection: Connection,
  access: ManifestAccess,
  signal: AbortSignal,
  mayBeLocked = false,
): Promise<UnlockedManifest> {
  const { drive, log } = request
  const seen = new SeenManifest(
    seenPathOf(request),
    drive.manifest,
    request.acceptRollback === true,
    log,
  )
  const path = join(dirname(seenPathOf(request)), 'remembered.json')
  const memory = new RememberedFile(path, drive.manifest, log)
  const open = (until: AbortSignal) => manifestOf(connection, drive, access, seen, log, until)
  const parts = { network: connection.switch, memory, open, log: log.room('manifest') }
  const known = connection.switch.isOffline
    ? rememberedOf(memory, drive, access, seen)
    : await open(signal)
  const manifest = new SwitchedManifest(parts, known)
  const isFrozen =
    'state' in known ? known.state.frozenFrom !== undefined : known instanceof FrozenManifest
  const pinned = drive.sealed ?? seen.keyId
  let unlocked: Unlocked | undefined
  try {
    unlocked = await unlockDrive(request, manifest, pinned, signal)
  } catch (error) {
    if (!mayBeLocked || !(error instanceof Trouble) || error.code !== 'sealed') throw error
    const state = await manifest.load(signal)
    const codec = openPieceCodec()
    return { manifest, state, codec, unlocked: undefined, memory, isFrozen, isLocked: true }
  }
  if (!unlocked) {
    const state = await manifest.load(signal)
    if (isSealed(state)) throw hiddenSlots(drive.name)
    return { manifest, state, codec: openPieceCodec(), unlocked, memory, isFrozen, isLocked: false }
  }
  if (pinned === undefined) {
    seen.sealedWith(unlocked.table.keyId)
    if (unlocked.sender) request.warn(grantedBy(drive.name, unlocked))
  }
  const sealed = new SealedManifest(manifest, unlocked.keys.records)
  const codec = openPieceCodec({ key: unlocked.keys.pieces })
  const state = await sealed.load(signal).catch((error: unknown) => {
    throw recordTrouble(error, drive.name)
  })
  return { manifest: sealed, state, codec, unlocked, memory, isFrozen, isLocked: false }
}

/** What a start without the network begins with. Throws Trouble `unreachable`, `wrong-key`. */
function rememberedOf(
  { last }: RememberedFile,
  drive: DriveReference,
  access: ManifestAccess,
  seen: SeenManifest,
): Remembered {
  if (!last) {
    throw new Trouble(
      'unreachable',
      `the drive ${drive.name} cannot be opened offline: this machine does not remember it (it was never mounted here, or its state directory was deleted); nothing was changed: mount it once with the network`,
    )
  }
  if (access === 'write' && last.writer === undefined) {
    throw new Trouble(
      'wrong-key',
      `the drive ${drive.name} was only read here so far, so it cannot be written offline; nothing was changed: mount it with --read-only, or once with the network`,
    )
  }
  if (last.state.sequence > seen.sequence) seen.saw(last.state.sequence)
  return last
}

/** Where it is kept what was seen of a drive. */
export function seenPathOf({
  drive,
  directories,
  stateName = drive.name,
}: Pick<DriveRequest, 'drive' | 'directories' | 'stateName'>): string {
  return join(directories.state, stateName, 'seen.json')
}

/** Something in it is sealed. */
function isSealed({ root, inline }: ManifestState): boolean {
  return (root !== undefined && rootPiece(root).seal !== Seal.none) || inline.some(isSealedRecord)
}

function hiddenSlots(name: string): Trouble {
  return new Trouble(
    'unsealed',
    `what is stored of the drive ${name} is sealed, and the full node shows no key slots of it; nothing was read or written: use another full node`,
  )
}

function recordTrouble(error: unknown, name: string): unknown {
  if (!(error instanceof ManifestError) || error.code !== 'rejected') return error
  return new Trouble(
    'damaged',
    `the drive ${name} cannot be opened: ${error.message}; nothing was changed: ask who wrote it last`,
    { cause: error },
  )
}

function grantedBy(name: string, { sender, table }: Unlocked): string {
  const who = publicTextOf(sender!)
  return `the drive ${name} is opened here for the first time, by a slot that the owner of the public key ${who} made (as walrusfs keys public prints it there; key id ${table.keyId}): if you expected somebody else's, unmount it`
}
