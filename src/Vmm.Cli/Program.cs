using Vmm.Cli;

return await VmmCommand.RunAsync(args, CliConsole.OfThisProcess(), CancellationToken.None).ConfigureAwait(false);
