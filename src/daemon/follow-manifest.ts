import type { ManifestState } from '../manifest/manifest.ts'
import type { SharedParts } from './shared-parts.ts'

/** Tells of every state that the manifest comes to, until the drive closes. A failing `take` is tried at the next one. */
export async function followManifest(
  { lifecycle, manifest, request }: SharedParts,
  take: (state: ManifestState) => Promise<void> | void,
): Promise<void> {
  const log = request.log.room('manifest')
  await lifecycle.start('manifest watch', async () => {
    const ended = new AbortController()
    const running = follow(ended.signal)
    return [undefined, async () => (ended.abort(new Error('the drive closes')), running)] as const
  })

  async function follow(signal: AbortSignal): Promise<void> {
    try {
      for await (const state of manifest.watch(signal)) await taken(state)
    } catch (error) {
      if (!signal.aborted)
        log.error('the manifest cannot be followed any more', { why: whyOf(error) })
    }
  }

  async function taken(state: ManifestState): Promise<void> {
    try {
      await take(state)
    } catch (error) {
      log.warn('a change of the manifest could not be taken over yet', { why: whyOf(error) })
    }
  }
}

function whyOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
