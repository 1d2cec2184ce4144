console.log(`${process.env.GREETING} from slot ${process.env.NODE_APP_INSTANCE}`);
setInterval(() => undefined, 60_000);
