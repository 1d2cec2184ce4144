import { calendarOf } from './calendar.ts';
import { serviceNames, type SystemdApp, type UnitFile } from './model.ts';
import { targetName } from './service.ts';
import { plain, unitText } from './text.ts';

/** The sockets that are passed to an app: a unit each, since each has a name that the program sees. */
export function socketUnits(app: SystemdApp): readonly UnitFile[] {
  const { spec, name, project } = app;
  return spec.sockets.map((socket) => ({
    name: `${name}-${socket.name}.socket`,
    text: unitText([
      {
        name: 'Unit',
        settings: [
          ['Description', plain(`${project}/${spec.name} ${socket.name}`)],
          ['PartOf', `${targetName(project)}.target`],
        ],
      },
      {
        name: 'Socket',
        settings: [
          ['ListenStream', plain(socket.listen)],
          ['FileDescriptorName', plain(socket.name)],
          ['Backlog', socket.backlog],
          ['SocketMode', socket.mode],
          ['SocketUser', socket.user === null ? null : String(socket.user)],
          ['SocketGroup', socket.group === null ? null : String(socket.group)],
          ['Service', `${serviceNames(name, spec)[0] ?? name}.service`],
        ],
      },
      { name: 'Install', settings: [['WantedBy', 'sockets.target']] },
    ]),
  }));
}

/** What starts a job at times, for each of its services; and what restarts an app. */
export function timerUnits(app: SystemdApp): readonly UnitFile[] {
  const { spec, name } = app;
  const { schedule, cron_restart } = spec;
  const started = serviceNames(name, spec).flatMap((service) =>
    schedule === null ? [] : [timer(app, service, `${service}.service`, schedule)],
  );
  return [...started, ...(cron_restart === null ? [] : restarter(app, cron_restart))];
}

function timer(app: SystemdApp, name: string, service: string, schedule: string): UnitFile {
  const { spec, project } = app;
  return {
    name: `${name}.timer`,
    text: unitText([
      {
        name: 'Unit',
        settings: [
          ['Description', plain(`${project}/${spec.name} at its times`)],
          ['PartOf', `${targetName(project)}.target`],
        ],
      },
      {
        name: 'Timer',
        settings: [
          ['OnCalendar', calendarOf(schedule, spec.cron_timezone) ?? []],
          ['AccuracySec', '1s'],
          ['Persistent', spec.cron_catch_up ? 'true' : 'false'],
          ['Unit', service],
        ],
      },
      { name: 'Install', settings: [['WantedBy', spec.autostart ? `${targetName(project)}.target` : null]] },
    ]),
  };
}

function restarter(app: SystemdApp, schedule: string): readonly UnitFile[] {
  const { spec, name, project } = app;
  const services = serviceNames(name, spec).map((service) => `${service}.service`);
  const text = unitText([
    { name: 'Unit', settings: [['Description', plain(`restarts ${project}/${spec.name}`)]] },
    {
      name: 'Service',
      settings: [
        ['Type', 'oneshot'],
        ['ExecStart', `/bin/systemctl try-restart ${services.join(' ')}`],
      ],
    },
  ]);
  const restart = `${name}-restart`;
  return [{ name: `${restart}.service`, text }, timer(app, restart, `${restart}.service`, schedule)];
}
