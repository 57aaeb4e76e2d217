import { describeMachine } from '../../../../services/health/machine.ts';
import { allUp } from '../../../../services/health/services.ts';
import { VERSION } from '../../version.ts';
import { route } from '../../route.ts';
import { presentDetailed, presentHealth, presentReadiness } from './present.ts';
import { DetailedHealth, Health, Liveness, Readiness } from './schemas.ts';

export const healthRoutes = [
  route({
    method: 'GET',
    path: '/health',
    operationId: 'health.show',
    public: true,
    summary: 'Say how the services are',
    description: 'Always 200 while the process answers; `status` and `checks` say the rest. For a load balancer use `/health/readiness`.',
    responses: { 200: Health },
    async handler({ deps }) {
      return { status: 200, body: presentHealth(await deps.serviceStates(), VERSION) };
    },
  }),
  route({
    method: 'GET',
    path: '/health/liveness',
    operationId: 'health.liveness',
    public: true,
    summary: 'Say that the process answers',
    description: 'Asks no other service: restart the process when this fails.',
    responses: { 200: Liveness },
    handler: () => ({ status: 200, body: { alive: true } }),
  }),
  route({
    method: 'GET',
    path: '/health/readiness',
    operationId: 'health.readiness',
    public: true,
    summary: 'Say whether everything is there that requests need',
    description: 'Postgres, Temporal, and a worker that asks for work; each is given 1.5 s. Also at `/health/ready`.',
    responses: { 200: Readiness, 503: Readiness },
    async handler({ deps }) {
      const states = await deps.serviceStates();
      return { status: allUp(states) ? 200 : 503, body: presentReadiness(states) };
    },
  }),
  route({
    method: 'GET',
    path: '/health/detailed',
    operationId: 'health.detailed',
    permission: 'system.health',
    summary: 'Describe the machine, the process and each service',
    responses: { 200: DetailedHealth },
    async handler({ deps }) {
      const [states, machine] = await Promise.all([deps.serviceStates(), describeMachine(deps.config.DATA_DIR)]);
      return { status: 200, body: presentDetailed(states, machine, VERSION) };
    },
  }),
];
