/** `employee-gateway schema`: the schema as `/schema.graphql` serves it, on standard output. */
import { buildGatewaySchema, printGatewaySchema } from './http/build-schema.js';

process.stdout.write(printGatewaySchema(buildGatewaySchema()));
