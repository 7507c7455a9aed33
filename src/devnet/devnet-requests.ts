import type { DevnetHandler } from './control-door.ts'
import type { DevnetRequest } from './control-protocol.ts'
import type { Devnet } from './devnet-api.ts'

/** Carries out what comes through the control door. */
export function devnetHandler(devnet: Devnet, onStop: () => void): DevnetHandler {
  return async (request) => (await carryOut(devnet, request, onStop)) ?? {}
}

/** Resolves with the epoch that there is then: with `at`, the present one. */
async function endEpochs(
  devnet: Devnet,
  { count, moving, at, skip = 0 }: Extract<DevnetRequest, { command: 'epoch' }>,
): Promise<number> {
  if (at) devnet.epochAt({ at, skip }, moving)
  else if (!moving) return devnet.advanceEpoch(count)
  else for (let i = 0; i < count; i++) await devnet.changeCommittee()
  return devnet.status().epoch
}

async function carryOut(
  devnet: Devnet,
  request: DevnetRequest,
  onStop: () => void,
): Promise<unknown> {
  switch (request.command) {
    case 'status':
      return devnet.status()
    case 'epoch':
      return { epoch: await endEpochs(devnet, request) }
    case 'faucet': {
      const sui = request.sui === undefined ? {} : { sui: BigInt(request.sui) }
      const wal = request.wal === undefined ? {} : { wal: BigInt(request.wal) }
      return devnet.faucet(request.recipient, { ...sui, ...wal })
    }
    case 'fault':
      return devnet.fault(request.node, request.fault)
    case 'mend':
      return devnet.mend(request)
    case 'sui-fault':
      return devnet.suiFault(request.fault)
    case 'sui-mend':
      return devnet.suiFault(undefined)
    case 'stop':
      // After the answer has gone out.
      setImmediate(onStop)
      return undefined
  }
}
