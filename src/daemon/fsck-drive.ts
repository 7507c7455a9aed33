import { join } from 'node:path'
import { openPieceCodec } from '../crypto/open-piece-codec.ts'
import type { ManifestRoot, ManifestState } from '../manifest/manifest.ts'
import { sameRoot } from '../manifest/same-root.ts'
import type { BlobId } from '../terms/blob-id.ts'
import { Trouble } from '../terms/trouble.ts'
import { packRows } from '../tree/pack-rows.ts'
import type { PackRow, RootRecord } from '../tree/root-record.ts'
import { checkChain } from '../verification/chain-check.ts'
import { faultOf, whyOf } from '../verification/damage.ts'
import { checkTree, type CheckedTree } from '../verification/tree-check.ts'
import { fsckCache, fsckState } from './fsck-local.ts'
import { FsckFindings, type FsckReport } from './fsck-report.ts'
import type { DriveRequest } from './open-drive.ts'
import { openLook, type DriveLook } from './open-look.ts'
import { readRoot } from './shared-parts.ts'

interface NetworkPart {
  readonly tree: FsckReport['tree']
  readonly packs: number
  readonly epoch: number | undefined
}

const nothing: NetworkPart = { tree: undefined, packs: 0, epoch: undefined }

/**
 * Whether tree, packs, chain, state directory and disk cache agree. Changes nothing, but with `repair` what can be mended on
 * this machine. The state directory of a drive that is mounted is left alone. Throws Trouble.
 */
export async function fsckDrive(
  request: DriveRequest,
  repair: boolean,
  progress: (what: string) => void,
  signal: AbortSignal,
): Promise<FsckReport> {
  const findings = new FsckFindings()
  // First: what is sealed here is opened by what the chain has.
  const look = await lookAt(request, findings, signal)
  try {
    return await fsckAll(request, look, repair, findings, progress, signal)
  } finally {
    await look?.close()
  }
}

async function fsckAll(
  { drive, network, directories, log }: DriveRequest,
  look: DriveLook | undefined,
  repair: boolean,
  findings: FsckFindings,
  progress: (what: string) => void,
  signal: AbortSignal,
): Promise<FsckReport> {
  let read = 0
  const codec = look?.codec ?? openPieceCodec()
  const cache = await fsckCache(directories.cache, codec, repair, findings, signal, (bytes) =>
    progress(`disk cache: ${((read += bytes) / 2 ** 20).toFixed(0)} MiB`),
  )
  const stateDirectory = join(directories.state, drive.name)
  const keys = look?.unlocked?.keys
  const { state, heldBy } = await fsckState(stateDirectory, keys, repair, findings, log)
  progress('tree')
  const part = look ? await fsckNetwork(look, state?.base, findings, signal) : nothing
  const { base: _, ...shown } = state ?? { base: undefined }
  return {
    drive: drive.name,
    network: network.name,
    ...part,
    state: state && (shown as FsckReport['state']),
    heldBy,
    cache,
    problems: findings.problems,
    repaired: findings.repaired,
    verdict: findings.verdict,
  }
}

/** Undefined where the network cannot be asked. */
async function lookAt(
  request: DriveRequest,
  findings: FsckFindings,
  signal: AbortSignal,
): Promise<DriveLook | undefined> {
  try {
    return await openLook(request, signal, true)
  } catch (error) {
    if (!(error instanceof Trouble) || error.code !== 'unreachable') throw error
    findings.isUnreachable = true
    findings.tell('chain', `tree and packs were not looked at: ${error.message}`, false)
    return undefined
  }
}

async function fsckNetwork(
  look: DriveLook,
  base: ManifestRoot | undefined,
  findings: FsckFindings,
  signal: AbortSignal,
): Promise<NetworkPart> {
  if (!look.isLocked) return fsckTree(look, base, findings, signal)
  findings.isUnreachable = true
  const text = `the drive is sealed and nothing here opens it: tree, packs and journal were not looked at`
  findings.tell('tree', text, false)
  return nothing
}

async function fsckTree(
  look: DriveLook,
  base: ManifestRoot | undefined,
  findings: FsckFindings,
  signal: AbortSignal,
): Promise<NetworkPart> {
  const { state, source, connection } = look
  if (!state.root) return nothing
  let root: RootRecord
  let rows: ReadonlyMap<BlobId, PackRow>
  try {
    root = await readRoot(state.root, source)
    rows = new Map((await packRows(root.packs, source)).map((row) => [row.blob, row]))
  } catch (error) {
    signal.throwIfAborted()
    const isSilent = faultOf(error) === 'unreachable'
    findings.isUnreachable ||= isSilent
    const text = `the root record or the table of packs cannot be read: ${whyOf(error)}`
    findings.tell('tree', text, !isSilent)
    return nothing
  }
  const checked = await checkTree(source, root, rows, signal)
  for (const text of checked.problems) findings.tell('tree', text)
  tellLive(root, rows, checked, findings)
  tellManifest(state, root, findings)
  if (base && !sameRoot(base, state.root) && base.blob !== root.self.blob && !rows.has(base.blob))
    findings.tell('state', `the changes here stand on a tree that the drive no longer keeps`)
  const { store } = connection
  const chain = await checkChain(store, source, root, rows, state.root.endEpoch, signal)
  for (const { blob, text, grave } of chain.problems)
    findings.tell('chain', `pack ${blob}: ${text}`, grave)
  if (chain.endEpoch !== undefined && state.root.endEpoch > chain.endEpoch) {
    const text = `the manifest says that everything is stored till epoch ${state.root.endEpoch}, and some of it is till ${chain.endEpoch} only`
    findings.tell('chain', text, false)
  }
  const tree = { sequence: root.sequence, inodes: checked.inodes, bytes: checked.bytes }
  return { tree, packs: chain.packs, epoch: chain.epoch }
}

function tellManifest(
  { root: said }: ManifestState,
  { usedBytes, usedInodes }: RootRecord,
  findings: FsckFindings,
): void {
  if (said!.usedBytes === usedBytes && said!.usedInodes === usedInodes) return
  findings.tell(
    'chain',
    `the manifest counts ${said!.usedBytes} bytes and ${said!.usedInodes} inodes, and its root record ${usedBytes} and ${usedInodes}`,
  )
}

/** Only gc goes by them. */
function tellLive(
  root: RootRecord,
  rows: ReadonlyMap<BlobId, PackRow>,
  { live, isPartial }: CheckedTree,
  findings: FsckFindings,
): void {
  if (isPartial) return
  const wrong = [...rows.values()].filter(({ blob, bytes, liveBytes }) => {
    return liveBytes !== Math.min(bytes, live.get(blob) ?? 0) && blob !== root.self.blob
  })
  if (wrong.length === 0) return
  const less = wrong.filter(({ blob, liveBytes }) => liveBytes < (live.get(blob) ?? 0)).length
  const which = `the table of packs counts other live bytes than there are for ${wrong.length} of ${rows.size} packs`
  const text = less
    ? `${which} (fewer for ${less}): nothing is lost by it, gc counts anew`
    : `${which}: more, as after a restart; nothing is lost by it, gc counts anew`
  findings.tell('tree', text, false)
}
