import type { ChainState } from '../chain-state.ts'
import type { LinkedPackage } from '../move/linker.ts'
import type { MoveModule } from '../move/module.ts'
import { G } from '../proto/grpc-types.ts'
import { protoDatatype, protoFunction, protoLinkedPackage } from '../proto/proto-package.ts'
import { RpcCode, RpcFailure } from '../rpc-failure.ts'
import { unary } from './methods.ts'
import type { MethodTable } from './methods.ts'
import { requestedId } from './reads.ts'

/** `sui.rpc.v2.MovePackageService`. */
export function packageService(chain: ChainState): MethodTable {
  const service = 'sui.rpc.v2.MovePackageService'
  return {
    [`${service}/GetPackage`]: unary(G.GetPackageRequest, G.GetPackageResponse, (request) => ({
      package: protoLinkedPackage(packageOf(chain, request.packageId)),
    })),
    [`${service}/GetFunction`]: unary(G.GetFunctionRequest, G.GetFunctionResponse, (request) => {
      const found = moduleOf(chain, request).function(request.name ?? '')
      if (!found) throw missing(request)
      return { function: protoFunction(found) }
    }),
    [`${service}/GetDatatype`]: unary(G.GetDatatypeRequest, G.GetDatatypeResponse, (request) => {
      const found = moduleOf(chain, request).datatype(request.name ?? '')
      if (!found) throw missing(request)
      return { datatype: protoDatatype(found) }
    }),
    [`${service}/ListPackageVersions`]: unary(
      G.ListPackageVersionsRequest,
      G.ListPackageVersionsResponse,
      (request) => {
        const { originalId } = packageOf(chain, request.packageId).stored
        const versions = [...chain.ledger.objects.all()]
          .filter((object) => object.kind === 'package')
          .filter((object) => object.package.originalId === originalId)
          .map(({ id, version }) => ({ packageId: id, version }))
        return { versions: versions.sort((a, b) => Number(a.version - b.version)) }
      },
    ),
  }
}

interface Named {
  readonly packageId?: string
  readonly moduleName?: string
  readonly name?: string
}

function missing({ packageId, moduleName, name }: Named): RpcFailure {
  return new RpcFailure(RpcCode.notFound, `${packageId}::${moduleName}::${name} not found`)
}

function packageOf(chain: ChainState, text: string | undefined): LinkedPackage {
  const linked = chain.linker.link(requestedId(text, 'package_id'))
  if (!linked) throw new RpcFailure(RpcCode.notFound, `Package ${text} not found`)
  return linked
}

function moduleOf(chain: ChainState, request: Named): MoveModule {
  const module = packageOf(chain, request.packageId).module(request.moduleName ?? '')
  if (!module) throw missing(request)
  return module
}
