/** The messages of Sui's gRPC interface, as its SDK has them. */
export { GrpcTypes as G } from '@mysten/sui/grpc'
