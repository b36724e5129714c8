using System.Net;
using Ieum.Node.Api;
using Ieum.Node.Cluster;
using Ieum.Node.Exchange;
using Ieum.Node.Loop;
using Ieum.Node.Push;
using Ieum.Node.Security;
using Ieum.Node.Store;
using Ieum.Node.Store.Config;
using Ieum.Node.Store.Transfer;
using Ieum.Node.Telemetry;
using Ieum.Node.Ui;
using Ieum.Node.Views;
using Microsoft.Extensions.Options;

namespace Ieum.Node;

/// <summary>Puts the rooms together into one running node.</summary>
internal static class NodeHost
{
    public static WebApplication Build(NodeSetup setup)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            ApplicationName = typeof(NodeHost).Assembly.GetName().Name,
            ContentRootPath = AppContext.BaseDirectory,
            EnvironmentName = Environments.Production,
        });
        builder.WebHost.UseStaticWebAssets();
        builder.WebHost.ConfigureKestrel(k => k.Listen(AddressOf(setup.Bind), setup.Port));
        builder.Configuration.Sources.Clear();   // one file decides; a variable of the environment must not open a door unseen
        builder.Configuration.AddInMemoryCollection([new("Record:Folder", setup.DataFolder), new("Connect:Folder", setup.DataFolder),
            new("Queue:Folder", Path.Combine(setup.DataFolder, "queue"))]);
        builder.Configuration.AddInMemoryCollection(setup.Config.Options);
        builder.AddTerminalLog();
        builder.Services.AddSingleton(setup).AddSingleton(setup.Config).AddSingleton(setup.Clocks).AddSingleton(setup.Clocks.Wire);
        foreach (var section in OptionSections.All) section.Bind(builder.Services, builder.Configuration);
        builder.Services.AddNodeStore(setup.DataFolder);
        builder.AddRooms();
        builder.AddSilo();
        builder.AddSecurity(setup);
        builder.AddTelemetry(setup.Config.Company.Id.Value);
        builder.Services.AddApi();
        AddLoop(builder.Services);
        builder.Services.AddIeumUi();

        var app = builder.Build();
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.UseSecurity();
        app.MapApi();
        app.MapTelemetry();
        app.MapIeumUi();
        return app;
    }

    private static void AddLoop(IServiceCollection services)
    {
        services.AddSingleton<IValidateOptions<LossOptions>, LossOptionsCheck>().AddSingleton<IValidateOptions<AndonOptions>, AndonOptionsCheck>();
        services.AddSingleton<IValidateOptions<IntakeOptions>, IntakeOptionsCheck>().AddSingleton<IValidateOptions<LoopOptions>, LoopOptionsCheck>()
            .AddSingleton<IValidateOptions<SecurityOptions>, SecurityOptionsCheck>().AddSingleton<IValidateOptions<TelemetryOptions>, TelemetryOptionsCheck>()
            .AddSingleton<IValidateOptions<HistoryOptions>, HistoryOptionsCheck>().AddSingleton<IValidateOptions<BackupOptions>, BackupOptionsCheck>();
        services.AddSingleton<ReadyFlag>().AddSingleton<FactoryState>();
        services.AddSingleton<PlanDesk>().AddSingleton<IPlanDesk>(s => s.GetRequiredService<PlanDesk>()).AddSingleton<IPlanBoard, PlanBoard>();
        services.AddSingleton<InstructionDesk>().AddSingleton<IInstructionDesk>(s => s.GetRequiredService<InstructionDesk>());
        services.AddSingleton<ChangeBook>().AddSingleton<Adoptions>().AddSingleton<BranchDesk>().AddSingleton<IBranchDesk>(s => s.GetRequiredService<BranchDesk>()).AddSingleton<ReplanDesk>().AddSingleton<IReplanDesk>(s => s.GetRequiredService<ReplanDesk>());
        services.AddSingleton<IOneFactory, OneFactory>();
        services.AddSingleton<ReservationBook>().AddSingleton<PromiseDesk>().AddSingleton<IPromiseDesk>(s => s.GetRequiredService<PromiseDesk>());
        services.AddSingleton<ExchangeDesk>().AddSingleton<IExchangeDesk>(s => s.GetRequiredService<ExchangeDesk>());
        services.AddSingleton<IOperatorDesk, OperatorDesk>().AddSingleton<ISettingsDesk, SettingsDesk>().AddSingleton<TemplateShelf>().AddSingleton<ILoopDesk, LoopDesk>().AddSingleton<LoopEntries>().AddSingleton<BreakdownLoop>().AddSingleton<CorrectionLoop>().AddSingleton<CorrectionDesk>().AddSingleton<ICorrectionDesk>(s => s.GetRequiredService<CorrectionDesk>());
        services.AddSingleton<IRiskDesk, RiskDesk>();
        services.AddSingleton<LossDesk>().AddSingleton<ILossDesk>(s => s.GetRequiredService<LossDesk>()).AddSingleton<QualityForecaster>().AddSingleton<QualityDesk>().AddSingleton<IQualityDesk>(s => s.GetRequiredService<QualityDesk>());
        services.AddSingleton<AndonDesk>().AddSingleton<IAndonDesk>(s => s.GetRequiredService<AndonDesk>());
        services.AddSingleton<IExplorer, Explorer>();
        services.AddSingleton<IValidateOptions<PushOptions>, PushOptionsCheck>().AddSingleton<PushDesk>().AddSingleton<IPushDesk>(s => s.GetRequiredService<PushDesk>());
        services.AddHttpClient(PushDesk.Client, c => c.Timeout = TimeSpan.FromSeconds(15)).ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
        services.AddSingleton<Intake>().AddSingleton<ShopFloor>().AddSingleton<IShopFloor>(s => s.GetRequiredService<ShopFloor>());
        services.AddSingleton<IValidateOptions<AnomalyOptions>, AnomalyOptionsCheck>();
        services.AddSingleton<AnomalyWatch>().AddSingleton<IAnomalyDesk>(s => s.GetRequiredService<AnomalyWatch>());
        services.AddHostedService(s => s.GetRequiredService<AnomalyWatch>());   // before the intake, so that it stops after it
        services.AddHostedService<NightlyModels>();
        services.AddHostedService(s => s.GetRequiredService<Intake>());
        services.AddHostedService(s => s.GetRequiredService<ShopFloor>());
        services.AddHostedService<LoopService>();
        services.AddHostedService(s => s.GetRequiredService<PromiseDesk>());
        services.AddHostedService(s => s.GetRequiredService<AndonDesk>());
        services.AddHostedService<FaultCalls>().AddHostedService(s => s.GetRequiredService<PushDesk>());
        services.AddHostedService<WriteSweep>();
        services.AddSingleton(Heap.OfThisProcess).AddHostedService<MemoryKeeper>();
        services.AddHostedService<DoorService>();
        services.AddSingleton<IRecordDesk, RecordDesk>();
        services.AddSingleton<EdgeDesk>().AddSingleton<IEdgeDesk>(s => s.GetRequiredService<EdgeDesk>());
        services.AddHostedService<EdgeService>();
        services.AddHostedService<BackupService>();
    }

    /// <summary>Prepares the database, starts everything, and announces the address.</summary>
    public static async Task StartAsync(WebApplication app, CancellationToken cancel)
    {
        var setup = app.Services.GetRequiredService<NodeSetup>();
        app.Services.GetService<IStartupValidator>()?.Validate();   // a wrong option is told before anything is opened
        await app.Services.PrepareStoreAsync(setup.Config, cancel);
        await app.Services.GetRequiredService<FactoryState>().LoadAsync(cancel);
        await app.Services.LoadRoomsAsync(cancel);
        await app.Services.GetRequiredService<ReservationBook>().LoadAsync(cancel);
        await app.Services.GetRequiredService<ChangeBook>().LoadAsync(cancel);
        await app.Services.GetRequiredService<PlanDesk>().LoadAsync(cancel);
        await app.Services.GetRequiredService<BreakdownLoop>().RecoverAsync(cancel);
        await app.Services.GetRequiredService<CorrectionLoop>().RecoverAsync(cancel);
        await app.Services.GetRequiredService<CorrectionDesk>().LoadAsync(cancel);
        await app.Services.GetRequiredService<BranchDesk>().LoadAsync(cancel);
        await app.Services.GetRequiredService<LossDesk>().LoadAsync(cancel);
        await app.Services.GetRequiredService<AndonDesk>().LoadAsync(cancel);
        await app.Services.GetRequiredService<PushDesk>().LoadAsync(cancel);
        await app.Services.GetRequiredService<QualityDesk>().LoadAsync(cancel);
        await app.Services.GetRequiredService<InstructionDesk>().LoadAsync(cancel);
        await app.Services.GetRequiredService<EdgeDesk>().LoadAsync(cancel);
        var demo = app.Services.GetRequiredService<IOptions<SecurityOptions>>().Value.DemoOwner && Loopback.IsLoopback(setup.Bind);
        await DemoOwner.PrepareAsync(app.Services, demo);
        await app.StartAsync(cancel);
        app.Services.GetRequiredService<ReadyFlag>().Ready = true;
        var url = app.Urls.First().TrimEnd('/').Replace("[::]", "localhost", StringComparison.Ordinal).Replace("0.0.0.0", "localhost", StringComparison.Ordinal);
        var link = !demo && await app.Services.GetRequiredService<IAccountDesk>().NeedsOwnerAsync(cancel)
            ? $"{url}/setup?token={app.Services.GetRequiredService<OwnerLink>().Make()}" : null;
        setup.Announce(new(url, link));
    }

    private static IPAddress AddressOf(string bind) => bind == "localhost" ? IPAddress.Loopback : IPAddress.Parse(bind);

    private static void AddTerminalLog(this WebApplicationBuilder builder)
    {
        builder.Logging.ClearProviders();
        // Everything on standard error: standard output belongs to the answer of the verb.
        builder.Logging.AddSimpleConsole(c => c.SingleLine = true);
        builder.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(o => o.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Logging.SetMinimumLevel(LogLevel.Information);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("Orleans", LogLevel.Warning).AddFilter("System", LogLevel.Warning)
            .AddFilter("Orleans.Runtime.Watchdog", LogLevel.Error).AddFilter("Orleans.Runtime.Silo", LogLevel.Error)
            .AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error).AddFilter("Microsoft.EntityFrameworkCore", LogLevel.Warning).AddFilter("Polly", LogLevel.Warning);
    }
}
