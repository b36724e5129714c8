using System.Security.Claims;
using System.Text.Encodings.Web;
using Ieum.Act;
using Ieum.Model;
using Ieum.Node.Ui;
using Ieum.Node.Views;
using Ieum.TestKit;
using Ieum.Ui.Tests.Fakes;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Ieum.Ui.Tests;

/// <summary>Serves the real pages over fake data on a free port of the loopback.</summary>
internal sealed class PageHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private readonly ErrorLog _log;

    private PageHost(WebApplication app, ErrorLog log) => (_app, _log) = (app, log);

    /// <summary>What went wrong while pages were served.</summary>
    public IReadOnlyCollection<string> Errors => _log.Errors;

    public string Address => _app.Urls.First();
    public FakeExplorer Explorer => _app.Services.GetRequiredService<FakeExplorer>();
    public FakeSettings Settings => _app.Services.GetRequiredService<FakeSettings>();
    public FakeRecord Record => _app.Services.GetRequiredService<FakeRecord>();
    public FakeFloor Floor => _app.Services.GetRequiredService<FakeFloor>();
    public FakePlan Plan => _app.Services.GetRequiredService<FakePlan>();
    public FakeEntries Entries => _app.Services.GetRequiredService<FakeEntries>();
    public FakeWrites Writes => _app.Services.GetRequiredService<FakeWrites>();
    public FakeBoard Board => _app.Services.GetRequiredService<FakeBoard>();
    public FakeInstructions Instructions => _app.Services.GetRequiredService<FakeInstructions>();
    public FakeOperator Operator => _app.Services.GetRequiredService<FakeOperator>();

    public static async Task<PageHost> StartAsync(int machines = 8, string? url = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            ApplicationName = typeof(UiSetup).Assembly.GetName().Name,
            ContentRootPath = Path.Combine(Needs.Repository, "src", "Ieum.Node"),
            EnvironmentName = "Production",
        });
        var log = new ErrorLog();
        builder.Logging.ClearProviders().AddProvider(log);
        builder.WebHost.UseUrls(url ?? "http://127.0.0.1:0");
        AddFakes(builder.Services, machines);
        builder.Services.AddAuthentication("test").AddScheme<AuthenticationSchemeOptions, EverybodyIsOwner>("test", null);
        builder.Services.AddAuthorization(o =>
        {
            foreach (var policy in new[] { UiPolicies.View, UiPolicies.Operate, UiPolicies.Plan, UiPolicies.Own })
                o.AddPolicy(policy, p => p.RequireAuthenticatedUser());
        });
        builder.Services.AddIeumUi();
        var app = builder.Build();
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapIeumUi();
        FakeShopApi.Map(app);
        Ieum.Node.Api.ExploreRoutes.Map(app.MapGroup("/api/v1"));
        await FakeWrites.BeginAsync(app.Services.GetRequiredService<IWriteDesk>());
        await app.StartAsync();
        return new PageHost(app, log);
    }

    public static void AddFakes(IServiceCollection services, int machines)
    {
        services.AddSingleton(new FakeFloor(machines));
        services.AddSingleton<FakePlan>().AddSingleton<FakeOperator>().AddSingleton<FakeSettings>().AddSingleton<FakeLoops>().AddSingleton<FakeAccounts>();
        services.AddSingleton<FakeLosses>().AddSingleton<ILossDesk>(s => s.GetRequiredService<FakeLosses>()).AddSingleton<FakeAndon>().AddSingleton<IAndonDesk>(s => s.GetRequiredService<FakeAndon>());
        services.AddSingleton<IQualityDesk, FakeQuality>();
        services.AddSingleton<IShopFloor>(s => s.GetRequiredService<FakeFloor>());
        services.AddSingleton<IPlanDesk>(s => s.GetRequiredService<FakePlan>());
        services.AddSingleton<IExchangeDesk, FakeExchange>();
        services.AddSingleton<FakeInstructions>().AddSingleton<IInstructionDesk>(s => s.GetRequiredService<FakeInstructions>());
        services.AddSingleton<FakeBoard>().AddSingleton<IPlanBoard>(s => s.GetRequiredService<FakeBoard>());
        services.AddSingleton<FakePromises>().AddSingleton<IPromiseDesk>(s => s.GetRequiredService<FakePromises>());
        services.AddSingleton<FakeBranches>().AddSingleton<IBranchDesk>(s => s.GetRequiredService<FakeBranches>());
        services.AddSingleton<IOneFactory>(s => new Ieum.Node.Loop.OneFactory(Clocks.Real, Microsoft.Extensions.Logging.Abstractions.NullLogger<Ieum.Node.Loop.OneFactory>.Instance) { ReferenceTime = TimeSpan.FromSeconds(1), Iterations = 25 });
        services.AddSingleton<FakeReplan>().AddSingleton<IReplanDesk>(s => s.GetRequiredService<FakeReplan>());
        services.AddSingleton<IOperatorDesk>(s => s.GetRequiredService<FakeOperator>());
        services.AddSingleton<ISettingsDesk>(s => s.GetRequiredService<FakeSettings>());
        services.AddSingleton<IRiskDesk, FakeRisk>();
        services.AddSingleton<ILoopDesk>(s => s.GetRequiredService<FakeLoops>());
        services.AddSingleton<IAnomalyDesk, FakeAnomalies>();
        services.AddSingleton<FakeRecord>().AddSingleton<IRecordDesk>(s => s.GetRequiredService<FakeRecord>());
        services.AddSingleton<FakeEdge>().AddSingleton<IEdgeDesk>(s => s.GetRequiredService<FakeEdge>());
        services.AddSingleton<FakeCorrections>().AddSingleton<ICorrectionDesk>(s => s.GetRequiredService<FakeCorrections>());
        services.AddSingleton<FakePush>().AddSingleton<IPushDesk>(s => s.GetRequiredService<FakePush>());
        services.AddSingleton<FakeExplorer>().AddSingleton<IExplorer>(s => s.GetRequiredService<FakeExplorer>());
        services.AddSingleton<FakeEntries>().AddSingleton<Ieum.Connect.Manual.IManualEntries>(s => s.GetRequiredService<FakeEntries>());
        services.AddSingleton<FakeWrites>();
        services.AddSingleton<IMachineWriters>(s => s.GetRequiredService<FakeWrites>()).AddSingleton<IWriteScene>(s => s.GetRequiredService<FakeWrites>());
        services.AddSingleton<IWriteAuditStore>(s => s.GetRequiredService<FakeWrites>()).AddSingleton<IWriteRuleStore>(s => s.GetRequiredService<FakeWrites>());
        services.AddSingleton<ILoopLedger>(s => s.GetRequiredService<FakeWrites>());
        services.AddSingleton(s => new Clocks(s.GetRequiredService<FakeWrites>().Clock, TimeProvider.System));
        services.AddAct();
        services.AddSingleton<IAccountDesk>(s => s.GetRequiredService<FakeAccounts>());
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private sealed class EverybodyIsOwner(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync()
        {
            var user = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, "owner"), new Claim(ClaimTypes.Role, "owner")], Scheme.Name));
            return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(user, Scheme.Name)));
        }
    }
}
