@echo off
rem The one command of Ieum on Windows. Builds on first use, then starts what was built. Not yet tried on as many machines as the Linux one.
setlocal
set "ROOT=%~dp0"
set "OUT=%ROOT%.build"
set DOTNET_CLI_TELEMETRY_OPTOUT=1
set DOTNET_NOLOGO=1
where dotnet >nul 2>nul
if errorlevel 1 (
  echo ieum: the .NET SDK 10 is missing. Install it:  winget install Microsoft.DotNet.SDK.10 1>&2
  echo Then open a new terminal and type the same command again. 1>&2
  exit /b 1
)
if "%1"=="test" (
  dotnet test --solution "%ROOT%Ieum.slnx" -c Release
  exit /b %ERRORLEVEL%
)
if "%1"=="build" del "%OUT%\ieum.stamp" >nul 2>nul
powershell -NoProfile -Command "$s='%OUT%\ieum.stamp'; if(!(Test-Path $s)){exit 1}; $t=(Get-Item $s).LastWriteTime; if(Get-ChildItem '%ROOT%src','%ROOT%sim' -Recurse -File | Where-Object {$_.LastWriteTime -gt $t -and $_.Extension -ne '.md'} | Select-Object -First 1){exit 1}"
if errorlevel 1 (
  echo Building Ieum ^(only when something changed; the first time takes about a minute^) ... 1>&2
  if not exist "%OUT%" mkdir "%OUT%"
  dotnet build "%ROOT%src\Ieum.Node\Ieum.Node.csproj" -c Release -v quiet > "%OUT%\build.log" 2>&1
  if errorlevel 1 goto failed
  dotnet build "%ROOT%sim\Ieum.Sim\Ieum.Sim.csproj" -c Release -v quiet >> "%OUT%\build.log" 2>&1
  if errorlevel 1 goto failed
  echo built> "%OUT%\ieum.stamp"
)
if "%1"=="build" exit /b 0
dotnet "%OUT%\bin\Ieum.Node\release\ieum.dll" %*
exit /b %ERRORLEVEL%
:failed
type "%OUT%\build.log" 1>&2
echo ieum: the build failed; everything it said stands in %OUT%\build.log 1>&2
exit /b 1
