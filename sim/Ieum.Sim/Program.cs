using Ieum.Sim.Cli;

return await SimCommands.RunAsync(args).ConfigureAwait(false);
