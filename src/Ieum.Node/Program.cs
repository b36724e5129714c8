using Ieum.Node.Cli;

return await Verbs.RunAsync(args);
