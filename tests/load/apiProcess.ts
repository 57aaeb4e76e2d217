import { examineLogin } from '../../db/examineLogin.ts';
import { createApp } from '../../server/app.ts';
import { loadConfigOrExit } from '../../server/config.ts';
import { closeDeps, createDeps } from '../../server/deps.ts';
import { api } from '../../server/http/api.ts';
import { listen } from '../../server/http/listen.ts';
import { onStop } from '../../server/onStop.ts';
import { API_PROBES } from './apiProbes.ts';

// The API as server/main.ts starts it, with the probes beside its operations.
const deps = createDeps(loadConfigOrExit());
const { config, logger, stopping } = deps;
await examineLogin(deps.knex, { logger, stop: stopping.signal });
await deps.derivedKeys.load();
const http = await listen(createApp(deps, [...api, ...API_PROBES]).callback(), config.PORT, config.HOST);
onStop(logger, config.SHUTDOWN_SECONDS * 1_000, async () => {
  stopping.abort();
  await http.stop(1_000);
  await closeDeps(deps);
});
