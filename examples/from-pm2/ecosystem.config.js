// An ecosystem file as PM2 users have it. stateward applies it unchanged.
module.exports = {
  apps: [
    {
      name: 'api',
      script: './server.js',
      args: '--verbose --workers 2',
      node_args: '--max-old-space-size=128',
      autorestart: true,
      max_restarts: 10,
      kill_timeout: 3000,
      merge_logs: true,
      time: true,
      env: { NODE_ENV: 'development', PORT: 8312 },
      env_production: { NODE_ENV: 'production' },
    },
    {
      name: 'mailer',
      script: './mailer.js',
      restart_delay: 1000,
      error_file: './logs/mailer-error.log',
      out_file: './logs/mailer-out.log',
      log_date_format: 'YYYY-MM-DD HH:mm:ss Z',
    },
  ],
};
