using System.Globalization;
using Bunit;
using Ieum.Node.Ui;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using MudBlazor.Services;

namespace Ieum.Ui.Tests;

/// <summary>A page rendered without a browser, over fake data and a clock that is moved by hand, for somebody who may do everything.</summary>
public abstract class FakePage : BunitContext
{
    private protected FakeTimeProvider Wire { get; } = new();

    private protected T Get<T>() where T : notnull => Services.GetRequiredService<T>();

    private protected void Open(string language = "en", int machines = 8)
    {
        PageHost.AddFakes(Services, machines);
        Services.AddMudServices();
        Services.AddSingleton<TimeProvider>(Wire);
        Services.AddScoped(_ => new Texts(CultureInfo.GetCultureInfo(language)));
        JSInterop.Mode = JSRuntimeMode.Loose;
        var who = AddAuthorization();
        who.SetAuthorized("kim");
        who.SetPolicies(UiPolicies.View, UiPolicies.Operate, UiPolicies.Plan, UiPolicies.Own);
        SetRendererInfo(new RendererInfo("Server", true));
    }
}
