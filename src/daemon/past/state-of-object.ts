import type { ManifestState } from '../../manifest/manifest.ts'
import { openManifest } from '../../manifest/open-manifest.ts'
import { SealedManifest } from '../../manifest/sealed-manifest.ts'
import type { ObjectId } from '../../terms/object-id.ts'
import type { Drive } from '../open-drive.ts'

/**
 * What a snapshot of the drive `of` holds, or its manifest, with plain records where the drive is sealed; of another drive's,
 * its records as they are. Throws ManifestError.
 */
export async function stateOfObject(
  { request, connection, keys }: Pick<Drive, 'request' | 'connection' | 'keys'>,
  of: ObjectId,
  id: ObjectId,
  signal: AbortSignal,
): Promise<ManifestState> {
  const { account } = connection
  const found = await openManifest({ account, id, readOnly: true, log: request.log }, signal)
  const isOurs = keys !== undefined && found.drive === of
  return (isOurs ? new SealedManifest(found, keys.records) : found).load(signal)
}
