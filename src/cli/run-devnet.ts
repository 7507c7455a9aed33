import { once } from 'node:events'
import { openCodec } from '../redstuff/open-codec.ts'
import { startDevnet, type Devnet } from '../devnet/devnet.ts'
import type { NetworkChoice } from '../devnet/devnet-options.ts'
import { announceReady } from './background.ts'
import type { Context } from './command.ts'
import { logOf } from './log-of.ts'

/** Runs the local network in this process until somebody stops it. */
export async function runDevnet(size: NetworkChoice, context: Context): Promise<void> {
  const stopped = new AbortController()
  const { devnet, close } = await openDevnet(size, context, () => stopped.abort())
  announceReady(devnet.status())
  context.terminal.note(`devnet: full node ${devnet.status().suiUrl}`)
  const end = AbortSignal.any([context.signal, stopped.signal])
  if (!end.aborted) await once(end, 'abort')
  await close()
}

/** A local network of this process, with a codec of its own; `close` ends both. */
export async function openDevnet(
  size: NetworkChoice,
  context: Context,
  onStop: () => void,
): Promise<{ readonly devnet: Devnet; readonly close: () => Promise<void> }> {
  const codec = await openCodec()
  const directory = context.directories.devnet
  try {
    const devnet = await startDevnet({ ...size, directory, codec, log: logOf(context), onStop })
    const close = async () => {
      await devnet.close()
      await codec.close()
    }
    return { devnet, close }
  } catch (error) {
    await codec.close()
    throw error
  }
}
