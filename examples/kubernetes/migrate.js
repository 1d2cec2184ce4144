console.log('the tables are as they have to be');
