import { join } from 'node:path';
import { runCommand } from '../run-command.js';
import { firstAnswer } from './first-answer.js';
import type { FrontKind } from './front.js';
import { launch } from './launch.js';

/** The gateway in this process. Its code is loaded while the nodes start: that takes half a second. */
const gatewayFront: FrontKind = {
  listensOn: ({ host, port }) => ({ host, port }),
  open: async (configuration, localNodes) => {
    const [{ createGateway }, { openLogFile }] = await Promise.all([
      import('../gateway.js'),
      import('../log.js'),
    ]);
    const { settings } = configuration;
    const gateway = await createGateway(
      configuration,
      openLogFile(join(settings.dataDir, 'gateway.log'), settings),
      { localNodes },
    );
    const { url } = await gateway.start();
    return {
      observer: gateway.observer,
      url: connectableUrl(url),
      ready: (signal) => firstAnswer(connectableUrl(url), signal),
      stop: () => gateway.stop(),
    };
  },
};

/** A server that listens on every address is reached on the machine's own. */
const connectableUrl = (url: string) =>
  url.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:');

/** `npm start` */
await runCommand((ending) => launch(ending, gatewayFront));
