import { systemClock } from '../runtime/clock.ts'
import { parseBlobId, type BlobId } from '../terms/blob-id.ts'
import { parseObjectId, type ObjectId } from '../terms/object-id.ts'
import { Trouble } from '../terms/trouble.ts'
import type { Config } from './config-schema.ts'
import { isForeign } from './foreign-reference.ts'
import { parseMoment, splitMoment, type Moment } from './past/moment.ts'

/** A drive as a person names it, found. */
export interface DriveReference {
  /** Names its state directory and stands in messages. */
  readonly name: string
  readonly network: string
  readonly manifest: ObjectId
  /** Name of its key; undefined: to be read only. */
  readonly key: string | undefined
  /** Not the present state, but the one of this moment: to be read only. */
  readonly at?: Moment
  /** Id of the key that it is sealed with, as the configuration has it. */
  readonly sealed?: string | undefined
}

const driveName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

/**
 * Finds the drive that DRIVE means: a name of the configuration, or the object id of a manifest or a snapshot (then `network`
 * says where); and, with `@MOMENT` behind it, which state of it. Throws Trouble `unknown-drive`, `usage`, and `read-only`
 * for what is no drive.
 */
export function findDrive(
  text: string,
  config: Config,
  network: string | undefined,
): DriveReference {
  const { drive, at } = splitMoment(text)
  if (at === undefined || Object.hasOwn(config.drives, text))
    return findPresent(text, config, network)
  return { ...findPresent(drive, config, network), at: parseMoment(at, systemClock.now()) }
}

function findPresent(text: string, config: Config, network: string | undefined): DriveReference {
  const known = Object.hasOwn(config.drives, text) ? config.drives[text] : undefined
  if (known) {
    const manifest = parseObjectId(known.manifest)
    const { key, sealed } = known
    return { name: text, network: network ?? known.network, manifest, key, sealed }
  }
  if (isForeign(text)) {
    throw new Trouble(
      'read-only',
      `${text} is no drive: it can be mounted and read, and nothing else`,
    )
  }
  if (text.startsWith('0x')) return byObjectId(text, config, network)
  const names = Object.keys(config.drives)
  throw new Trouble(
    'unknown-drive',
    `the configuration has no drive ${JSON.stringify(text)}${names.length ? ` (it has ${names.join(', ')})` : ''}; make one with: walrusfs create NAME`,
  )
}

function byObjectId(text: string, config: Config, network: string | undefined): DriveReference {
  const manifest = objectIdOf(text)
  const named = Object.entries(config.drives).find(
    ([, drive]) => parseObjectId(drive.manifest) === manifest,
  )
  if (named) {
    const [name, drive] = named
    const { key, sealed } = drive
    return { name, network: network ?? drive.network, manifest, key, sealed }
  }
  if (!network) {
    throw new Trouble(
      'usage',
      `say on which network ${text} is: --network mainnet, testnet or devnet`,
    )
  }
  return { name: manifest, network, manifest, key: undefined }
}

/** An object id as a person writes it. Throws Trouble `unknown-drive`. */
export function objectIdOf(text: string): ObjectId {
  try {
    return parseObjectId(text)
  } catch (cause) {
    throw new Trouble('unknown-drive', `${JSON.stringify(text)} is no object id`, { cause })
  }
}

/** The blob of `blob:ID`; undefined for anything else. Throws Trouble `usage`. */
export function blobReference(text: string): BlobId | undefined {
  if (!text.startsWith('blob:')) return undefined
  try {
    return parseBlobId(text.slice('blob:'.length))
  } catch (cause) {
    throw new Trouble('usage', `${JSON.stringify(text)} holds no blob id (43 characters)`, {
      cause,
    })
  }
}

/** Whether a new drive may be called so. Throws Trouble `usage`. */
export function checkDriveName(name: string): void {
  if (!driveName.test(name) || name.startsWith('0x')) {
    throw new Trouble(
      'usage',
      `${JSON.stringify(name)} cannot name a drive: take up to 64 letters, digits, dots, dashes, not beginning with 0x`,
    )
  }
}
